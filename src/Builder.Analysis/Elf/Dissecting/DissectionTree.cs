using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>Collects claims into languages, libraries, packages; and what nobody names into sections.</summary>
internal sealed class DissectionTree
{
    /// <summary>A hostile file can name a million packages; those beyond this stand with the others.</summary>
    private const int MaxGroups = 50_000;

    private readonly ElfSymbols _symbols;
    private readonly bool _isGo;
    private readonly bool _isUnikernel;
    private readonly Dictionary<(DissectionNode? Parent, string Name), DissectionNode> _groups = [];
    private readonly Dictionary<DissectionKind, DissectionNode> _kinds = [];
    private readonly CSymbols _c;

    public DissectionTree(ElfSymbols symbols, ElfFile file)
    {
        _symbols = symbols;
        _isGo = file.Sections.Any(section =>
            section.Name is ".go.buildinfo" or ".gopclntab" or ".data.rel.ro.gopclntab" or ".note.go.buildid"
        );
        _isUnikernel = file.Section(".note.solo5.abi") is not null;
        _c = new CSymbols(symbols);
    }

    public DissectionNode Root { get; } = new("", DissectionKind.File);

    /// <summary>The Go linker made it.</summary>
    public bool IsGo => _isGo;

    public OCamlUnits Units { get; } = new();

    public List<Claim> Claims { get; } = [];

    /// <summary>The local symbols that follow are of this source file.</summary>
    public void EnterFile(ElfSymbol symbol) => _c.EnterFile(symbol);

    public void RememberFile(int index, ElfSymbol symbol) => _c.RememberFile(index, symbol);

    public void Claim(DissectionNode node, ElfSymbol symbol, long size)
    {
        Claims.Add(new Claim(symbol.NameOffset, node.FirstClaim, size));
        node.FirstClaim = Claims.Count - 1;
    }

    public void Claim(int index, ElfSymbol symbol, long size, Stretch stretch)
    {
        var name = _symbols.NameOf(symbol);
        if (
            Units.Count > 0
            && name.Length > 5
            && name.StartsWith("caml"u8)
            && char.IsAsciiLetterUpper((char)name[4])
            && Units.NodeOf(
                Encoding.UTF8.GetString(name[4..]),
                stretch.Section.IsCode ? DissectionKind.OCamlCode : DissectionKind.OCamlData,
                size
            )
                is { } unit
        )
        {
            Claim(unit, symbol, size);
            return;
        }
        var language = SymbolName.LanguageOf(name, _isGo);
        if (language == DissectionKind.C)
        {
            if (_c.CrateOf(index) is { } crate)
                ClaimOfCrate(crate, symbol, size);
            else
                _c.Add(index, symbol, size, stretch.Section.Index, CLibraries.Of(name, _isUnikernel));
            return;
        }
        var node = KindNode(language);
        var containers = SymbolName.ContainersOf(name, language);
        if (language == DissectionKind.Rust)
            _c.Pass(stretch.Section.Index, containers is [var first, ..] ? first : null);
        foreach (var container in containers)
            node = Group(node, container, language);
        if (node.Kind == DissectionKind.File || node == KindNode(language))
            node = Group(node, language == DissectionKind.Cpp ? "(global)" : "(other)", language);
        node.OwnSize += size;
        Claim(node, symbol, size);
    }

    public void AddFilling(long size) => Group(KindNode(DissectionKind.Padding), "alignment", DissectionKind.Padding).OwnSize += size;

    public void AddGoTable(string name, long size) => Group(KindNode(DissectionKind.Go), name, DissectionKind.Go).OwnSize += size;

    public void AddRest(ElfSection section, long size)
    {
        if (_isGo && GoTables.OfSection(section.Name) is { } table)
        {
            AddGoTable(table, size);
            return;
        }
        var kind = KindOf(section);
        Group(KindNode(kind), section.Name.Length > 0 ? section.Name : $"section {section.Index}", kind).OwnSize += size;
    }

    public void Finish(FileLayout layout)
    {
        _c.Distribute(
            (library, isCrate, symbol, size) =>
            {
                if (isCrate)
                {
                    ClaimOfCrate(library, symbol, size);
                    return;
                }
                var node = Group(KindNode(DissectionKind.C), library, DissectionKind.C);
                node.OwnSize += size;
                Claim(node, symbol, size);
            }
        );
        if (Units.Count > 0)
            Units.HangBelow(KindNode(DissectionKind.OCaml));
        Group(KindNode(DissectionKind.Padding), "headers", DissectionKind.Padding).OwnSize += layout.Headers;
        Group(KindNode(DissectionKind.Padding), "between sections", DissectionKind.Padding).OwnSize += layout.Filling;
        KindNode(DissectionKind.Unaccounted).OwnSize += layout.Unaccounted;
        Root.Complete();
    }

    private void ClaimOfCrate(string crate, ElfSymbol symbol, long size)
    {
        var node = Group(KindNode(DissectionKind.Rust), crate, DissectionKind.Rust);
        node.OwnSize += size;
        Claim(node, symbol, size);
    }

    private DissectionNode KindNode(DissectionKind kind)
    {
        if (!_kinds.TryGetValue(kind, out var node))
            _kinds.Add(kind, node = Root.Add(new DissectionNode(TitleOf(kind), kind)));
        return node;
    }

    private DissectionNode Group(DissectionNode parent, string name, DissectionKind kind)
    {
        if (_groups.TryGetValue((parent, name), out var node))
            return node;
        if (_groups.Count >= MaxGroups)
            return KindNode(kind);
        node = parent.Add(new DissectionNode(name, kind));
        _groups.Add((parent, name), node);
        return node;
    }

    private static string TitleOf(DissectionKind kind) =>
        kind switch
        {
            DissectionKind.OCaml => "OCaml",
            DissectionKind.C => "C",
            DissectionKind.Cpp => "C++",
            DissectionKind.Rust => "Rust",
            DissectionKind.Go => "Go",
            DissectionKind.Contents => "Contents without names",
            DissectionKind.Linking => "Linking and unwinding",
            DissectionKind.Debug => "Debug information",
            DissectionKind.Names => "Symbols and notes",
            DissectionKind.Padding => "Headers and padding",
            _ => "Unaccounted",
        };

    private static DissectionKind KindOf(ElfSection section)
    {
        var name = section.Name;
        if (Starts(".debug") || Starts(".zdebug") || Starts(".stab") || Starts(".gnu_debug"))
            return DissectionKind.Debug;
        if (
            section.Type is ElfSection.SymbolTable or ElfSection.Note or ElfSection.SymbolSectionIndices
            || Starts(".note")
            || name is ".strtab" or ".shstrtab" or ".comment"
        )
            return DissectionKind.Names;
        // A separate debug file says of every loaded section that it has no bytes: then the name tells what it was.
        if (
            section.Type is not (1 or ElfSection.NoBits)
            || Starts(".rel")
            || Starts(".eh_frame")
            || Starts(".gcc_except_table")
            || Starts(".got")
            || Starts(".plt")
            || Starts(".gnu.version")
            || Starts(".init_array")
            || Starts(".fini_array")
            || Starts(".preinit_array")
            || name is ".interp" or ".dynamic" or ".dynsym" or ".dynstr" or ".init" or ".fini" or ".gnu.hash" or ".hash"
        )
            return DissectionKind.Linking;
        return DissectionKind.Contents;

        bool Starts(string prefix) => name.StartsWith(prefix, StringComparison.Ordinal);
    }
}
