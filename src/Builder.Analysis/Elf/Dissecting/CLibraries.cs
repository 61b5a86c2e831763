using System.Collections.Frozen;
using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>Libraries in C that give their symbols a prefix, as OCaml programs and unikernels link them.</summary>
internal static class CLibraries
{
    private static readonly (byte[] Prefix, string Library)[] Prefixes =
    [
        ("caml_mc_"u8.ToArray(), "mirage-crypto"),
        ("caml_digestif_"u8.ToArray(), "digestif"),
        ("caml_cstruct_"u8.ToArray(), "cstruct"),
        ("caml_checkseum_"u8.ToArray(), "checkseum"),
        ("caml_tcpip_"u8.ToArray(), "tcpip"),
        ("caml_thread_"u8.ToArray(), "OCaml threads"),
        ("caml_unix_"u8.ToArray(), "OCaml unix"),
        ("caml_"u8.ToArray(), "OCaml runtime"),
        ("mc_"u8.ToArray(), "mirage-crypto"),
        ("_mc_"u8.ToArray(), "mirage-crypto"),
        ("digestif_"u8.ToArray(), "digestif"),
        ("ml_z_"u8.ToArray(), "zarith"),
        ("__gmp"u8.ToArray(), "gmp"),
        ("mpz_"u8.ToArray(), "gmp"),
        ("mpn_"u8.ToArray(), "gmp"),
        ("mpq_"u8.ToArray(), "gmp"),
        ("unix_"u8.ToArray(), "OCaml unix"),
        ("lwt_"u8.ToArray(), "lwt"),
        ("solo5_"u8.ToArray(), "solo5"),
        ("mirage_"u8.ToArray(), "mirage"),
        ("__ieee754_"u8.ToArray(), "openlibm"),
        ("__kernel_"u8.ToArray(), "openlibm"),
    ];

    private static readonly FrozenSet<string> NoLibC = FrozenSet.Create(
        StringComparer.Ordinal,
        "malloc",
        "free",
        "calloc",
        "realloc",
        "memalign",
        "posix_memalign",
        "dlmalloc",
        "dlfree",
        "memcpy",
        "memmove",
        "memset",
        "memcmp",
        "memchr",
        "strlen",
        "strcmp",
        "strncmp",
        "strcpy",
        "strncpy",
        "strchr",
        "strrchr",
        "strtol",
        "strtoul",
        "strtod",
        "printf",
        "fprintf",
        "vfprintf",
        "snprintf",
        "vsnprintf",
        "sprintf",
        "puts",
        "putchar",
        "abort",
        "exit",
        "qsort",
        "getenv",
        "gettimeofday",
        "time",
        "strerror",
        "isatty",
        "read",
        "write",
        "open",
        "close",
        "lseek",
        "raise",
        "signal",
        "sigaction",
        "fflush",
        "fwrite",
        "fputs",
        "fputc"
    );

    /// <summary>Null where no prefix tells.</summary>
    public static string? Of(ReadOnlySpan<byte> symbol, bool isUnikernel)
    {
        foreach (var (prefix, library) in Prefixes)
        {
            if (symbol.StartsWith(prefix))
                return library;
        }
        return isUnikernel && symbol.Length < 16 && NoLibC.Contains(Encoding.UTF8.GetString(symbol)) ? "nolibc" : null;
    }
}
