using System.Text;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Tests.Elf;

public sealed class SymbolNameTests
{
    [Theory]
    [InlineData("_ZN3app6Engine3runERSt3mapISsiE", "app, Engine")]
    [InlineData("_ZNSt6vectorIiSaIiEE9push_backERKi", "std, vector")]
    [InlineData("_ZNK2v88internal4Heap4SizeEv", "v8, internal, Heap")]
    [InlineData("_ZN12_GLOBAL__N_16helperEv", "(anonymous namespace)")]
    [InlineData("_ZTVN3app6EngineE", "app, Engine")]
    [InlineData("_ZN1aIXadL_ZN1b1cEvEEE1dEv", "a")]
    [InlineData("_Z4mainv", "")]
    [InlineData("_ZN", "")]
    public void Namespaces_of_a_Cpp_symbol(string symbol, string expected) => AssertContainers(symbol, DissectionKind.Cpp, expected);

    [Theory]
    [InlineData("_ZN4core3fmt5write17h0123456789abcdefE", "core, fmt")]
    [InlineData(
        "_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
        "alloc, <alloc::string::String as core::fmt::Display>"
    )]
    [InlineData("_RNvNtCsjtOKqSgaqCn_4core3fmt5write", "core, fmt")]
    [InlineData("_RNvMs_NtCsjtOKqSgaqCn_4core3fmtNtB4_9Formatter3pad", "core, fmt")]
    [InlineData("_RNvCs1234_7mycrate3foo", "mycrate")]
    [InlineData("_R", "")]
    [InlineData("_RNvB_", "")]
    public void Crate_and_modules_of_a_Rust_symbol(string symbol, string expected) =>
        AssertContainers(symbol, DissectionKind.Rust, expected);

    [Theory]
    [InlineData("runtime.mallocgc", "runtime")]
    [InlineData("net/http.(*Client).Do", "net, http")]
    [InlineData("github.com/docker/cli/cli/command.(*DockerCli).Apply", "github.com/docker/cli, cli/command")]
    [InlineData("gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3")]
    [InlineData("slices.SortFunc[go.shape.[]github.com/a/b.T]", "slices")]
    [InlineData("type:.eq.net/http.Client", "type:")]
    public void Module_and_package_of_a_Go_symbol(string symbol, string expected) => AssertContainers(symbol, DissectionKind.Go, expected);

    [Theory]
    [InlineData("camlStdlib__List__map_123", "map")]
    [InlineData("camlStdlib__List.fold_left_map_12_345_code", "fold_left_map")]
    [InlineData("camlLwt__fun_3456", "fun")]
    [InlineData("camlLwt__12", "constants")]
    [InlineData("camlLwt__entry", "entry")]
    [InlineData("caml_alloc", "caml_alloc")]
    public void OCaml_symbols_without_their_stamps(string symbol, string expected) =>
        Assert.Equal(expected, SymbolName.Display(Encoding.UTF8.GetBytes(symbol), DissectionKind.OCamlCode));

    [Theory]
    [InlineData("_ZN4core3fmt5write17h0123456789abcdefE", DissectionKind.Rust)]
    [InlineData("_ZN4core3fmt5write17h0123456789abcdefE.llvm.123", DissectionKind.Rust)]
    [InlineData("_ZN4core3fmt5writeEv", DissectionKind.Cpp)]
    [InlineData("main", DissectionKind.C)]
    public void Language_of_a_symbol(string symbol, DissectionKind expected) =>
        Assert.Equal(expected, SymbolName.LanguageOf(Encoding.UTF8.GetBytes(symbol), isGo: false));

    private static void AssertContainers(string symbol, DissectionKind language, string expected) =>
        Assert.Equal(expected, string.Join(", ", SymbolName.ContainersOf(Encoding.UTF8.GetBytes(symbol), language)));
}
