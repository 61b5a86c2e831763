namespace Builder.Analysis.Difference.Causes;

/// <summary>One sentence for each cause: how to remove it. Places that know the tool give a better one.</summary>
public static class Fixes
{
    public const string Gzip = "Run gzip with -n, so that it stores neither time nor name.";
    public const string Ar = "Run ar and ranlib with D (ar rcD), so that they store no times, owners and modes.";
    public const string Tar = "Run tar with --mtime=@$SOURCE_DATE_EPOCH --clamp-mtime.";
    public const string TarOwner = "Run tar with --owner=0 --group=0 --numeric-owner.";
    public const string Mode = "Set the same umask in every build, or run tar with --mode=go=rX,u+rw,a-s.";
    public const string TarOrder = "Run tar with --sort=name.";
    public const string Zip = "Set the times of all files to SOURCE_DATE_EPOCH before zip -X runs, or use jar --date.";
    public const string ZipOrder = "Give the files to zip in sorted order: find . -type f | LC_ALL=C sort | zip -X -@ FILE.";
    public const string ArOrder = "Give the files to ar in sorted order, with LC_ALL=C.";
    public const string Deb = "Set SOURCE_DATE_EPOCH before dpkg-deb runs.";
    public const string BuildId = "Link with -Wl,--build-id=sha1, or fix what the id is computed from.";
    public const string Pyc = "Set SOURCE_DATE_EPOCH, or compile with python3 -m compileall --invalidation-mode checked-hash.";
    public const string Gettext = "Set POT-Creation-Date from SOURCE_DATE_EPOCH, or do not regenerate catalogues in the build.";
    public const string Json = "Write JSON with sorted keys (jq -S, json.dumps(sort_keys=True)).";

    public static string For(CauseKind kind) =>
        kind switch
        {
            CauseKind.Timestamp => "Take the time from SOURCE_DATE_EPOCH instead of the clock, or leave it out.",
            CauseKind.BuildPath =>
                "Build in the same directory, or compile with -ffile-prefix-map=$PWD=. (Rust: --remap-path-prefix, Go: -trimpath).",
            CauseKind.Random => "Derive the value from the content, use a fixed seed, or leave it out.",
            CauseKind.Ordering =>
                "Sort before writing, with LC_ALL=C: directory listings, hash tables and parallel jobs have no fixed order.",
            CauseKind.FileMetadata => "Set mode and owner explicitly, with install -m or in the archiver.",
            CauseKind.Host => "Leave user, host, kernel and processor out of the output, or set them to fixed values.",
            CauseKind.Locale => "Set LC_ALL=C.UTF-8 for the whole build.",
            CauseKind.Compression => "Use the same compressor with the same version, level and threads in every build.",
            CauseKind.Code =>
                "The compiler got other input: compare sources, compiler version and options, and the features of the processor (-march=native).",
            _ => "Look at the step that writes this file: its input differs.",
        };
}
