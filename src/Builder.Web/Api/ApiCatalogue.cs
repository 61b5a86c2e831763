using Builder.Proof.Rebuilding;
using Builder.Proof.Statements;
using Builder.Web.Proof;
using Builder.Web.Statements;

namespace Builder.Web.Api;

/// <summary>Everything that programs may ask of the site: the one list that the OpenAPI document and the page are made of.</summary>
internal static class ApiCatalogue
{
    private const string Json = "application/json";
    private const string Text = "text/plain";
    private const string Bytes = "application/octet-stream";
    private const string Nothing = "";

    private static readonly ApiParameter Job = new("job", InPath: true, "Name of the job.", "hello");
    private static readonly ApiParameter Build = new("build", InPath: true, "Uuid of the build.");
    private static readonly ApiParameter Platform = new("platform", InPath: false, "Only builds on this platform.");
    private static readonly (int, string) Unknown = (404, "There is no such job or build.");
    private static readonly (int, string) Gone = (
        410,
        "It was removed; the details say what it was, when it was removed, and where the same content still is."
    );
    private static readonly (int, string) Withheld = (
        403,
        "The build waits for rebuilders; until then nobody gets its files or their hashes."
    );
    private static readonly (int, string) Busy = (503, "Too much of this kind is asked for; try again later.");
    private static readonly (int, string)[] Upload =
    [
        (201, "Stored; Location is the build's page."),
        (400, "Malformed; the text says what."),
        (401, "No user, or a wrong password."),
        (403, "The user may not write this job."),
        (409, "A build with this uuid is there already."),
        (413, "Larger than this site takes."),
        (429, "Too many failures from this address."),
    ];

    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        new(
            "GET",
            "/",
            "Jobs by section, each with its latest build where that is a unikernel.",
            [],
            [(200, "The jobs that were built lately.")],
            Json,
            "Jobs"
        ),
        new("GET", "/all-builds", "The same, however long ago they were built.", [], [(200, "All jobs.")], Json, "Jobs"),
        new(
            "GET",
            "/job/{job}",
            "One build per distinct main binary, newest first.",
            [Job, Platform],
            [(200, "The builds."), Unknown],
            Json,
            "Builds"
        ),
        new(
            "GET",
            "/job/{job}/failed",
            "The same and the failed builds.",
            [Job, Platform],
            [(200, "The builds."), Unknown],
            Json,
            "Builds"
        ),
        new(
            "GET",
            "/job/{job}/build/latest",
            "Leads to the latest successful build.",
            [Job, Platform],
            [(307, "Location is the build, path-absolute."), Unknown],
            Nothing
        ),
        new(
            "GET",
            "/job/{job}/build/latest/{path}",
            "Leads to a part of the latest successful build.",
            [Job, new("path", true, "The rest of the address.", "main-binary"), Platform],
            [(307, "Location with the path and query carried along."), Unknown],
            Nothing
        ),
        new("GET", "/job/{job}/build/{build}", "A build.", [Job, Build], [(200, "The build."), Unknown, Gone], Json, "Build"),
        new(
            "GET",
            "/job/{job}/build/{build}/main-binary",
            "Leads to the main binary.",
            [Job, Build],
            [(302, "Location is the artifact."), (404, "There is none."), Gone],
            Nothing
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/f/{path}",
            "An artifact, with ranges and conditional requests.",
            [
                Job,
                Build,
                new("path", true, "Path of the artifact.", "opam-switch"),
                new("proof", false, "Given, with any value: that its provenance is in the transparency log (C2SP tlog-proof)."),
            ],
            [
                (200, "The file."),
                (206, "The range of it."),
                (304, "The client has it."),
                Unknown,
                Gone,
                (412, "It is not what If-Match names."),
                (416, "It has no bytes in that range."),
            ],
            Bytes
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/script",
            "The script that was run.",
            [Job, Build],
            [(200, "The script."), Unknown, Gone],
            Text
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/console",
            "What it printed: seconds since the start, s, a colon, the line.",
            [Job, Build],
            [(200, "The console."), Unknown, Gone],
            Text
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/exec",
            "The whole build as DER, as it was uploaded.",
            [Job, Build],
            [(200, "The build."), Unknown, Gone, Busy],
            Bytes
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/all.tar.gz",
            "All artifacts in one archive; the same bytes each time.",
            [Job, Build],
            [(200, "The archive."), Unknown, Gone, Busy],
            "application/gzip"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/viztreemap",
            "What the binary is made of, as a page with a picture.",
            [Job, Build],
            [(200, "The page."), (404, "There is nothing to draw."), Gone, Busy],
            "text/html"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/vizdependencies",
            "What it depends on, as a page with a picture.",
            [Job, Build, new("root", false, "One of several root packages; all together without it.")],
            [(200, "The page."), (404, "There is nothing to draw."), Gone, Busy],
            "text/html"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/sbom.cdx.json",
            "What it was made of, as CycloneDX 1.6; the same bytes each time.",
            [Job, Build],
            [(200, "The list."), (404, "There is no such build, or it has no main binary."), Gone, Busy],
            "application/vnd.cyclonedx+json"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/openvex.json",
            "Advisories that name packages of the build, and those that the operator says do not affect it, as OpenVEX 0.2.0.",
            [Job, Build],
            [
                (200, "The statements; perhaps none."),
                (404, "There is no such build, or it has no main binary."),
                (409, "Nothing names its packages, or it is not in the index yet."),
                Gone,
                Busy,
            ],
            Json
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/vex.cdx.json",
            "The same as CycloneDX 1.6; it refers to sbom.cdx.json by BOM-Links.",
            [Job, Build],
            [
                (200, "The vulnerabilities; perhaps none."),
                (404, "There is no such build, or it has no main binary."),
                (409, "Nothing names its packages, or it is not in the index yet."),
                Gone,
                Busy,
            ],
            "application/vnd.cyclonedx+json"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/sbom.spdx.json",
            "The same as SPDX 2.3.",
            [Job, Build],
            [(200, "The list."), (404, "There is no such build, or it has no main binary."), Gone, Busy],
            "application/spdx+json"
        ),
        new(
            "GET",
            "/package/{ecosystem}/{name}",
            "Which builds contain a package, by version and by job, those of the past too.",
            [
                new(
                    "ecosystem",
                    true,
                    "opam, deb, pkg, cargo, golang, sources; module for OCaml modules and lib for libraries in main binaries."
                ),
                new("name", true, "Name of the package; a slash in it is written %2F."),
                new("versions", false, "Only these, such as <1.0.4 or =2:6.2.1*."),
            ],
            [(200, "Where it is."), (400, "The constraint is none."), (404, "No build contained it.")],
            Json,
            "Package"
        ),
        new(
            "GET",
            "/package/{ecosystem}/{name}/{version}",
            "The same for one version.",
            [new("ecosystem", true, "As above."), new("name", true, "Name of the package."), new("version", true, "Its version.")],
            [(200, "Where it is."), (404, "No build contained the package.")],
            Json,
            "Package"
        ),
        new(
            "GET",
            "/symbol/{name}",
            "Which builds have a symbol in their main binary, or take it from a shared library, those of the past too.",
            [new("name", true, "As nm prints it, such as caml_ml_z_powm.")],
            [(200, "Where it is."), (404, "No main binary had it."), Busy],
            Json,
            "Symbol"
        ),
        new(
            "GET",
            "/search",
            "Jobs, builds, packages, symbols and consoles, by group.",
            [
                new(
                    "q",
                    false,
                    "Words, the beginning of a hash or uuid; a text in quotation marks asks consoles only, symbol:NAME symbols only."
                ),
                new("job", false, "With a text: all consoles of this job, instead of the newest of each job and platform."),
            ],
            [
                (200, "What was found; perhaps nothing."),
                (302, "Something is named exactly: Location is its address."),
                (400, "The text has fewer than three bytes, or the site keeps no index of consoles."),
                Busy,
            ],
            Json,
            "Found"
        ),
        new(
            "GET",
            "/search/suggestions",
            "Jobs, packages, modules and libraries for what was typed so far; at most twelve.",
            [new("q", false, "What was typed.")],
            [(200, "What fits.")],
            Json,
            "Suggestions"
        ),
        new(
            "GET",
            "/failed-builds",
            "What fails now, by first error, and the failed builds, newest first.",
            [
                Platform,
                new("fingerprint", InPath: false, "Only failures with this first error."),
                new("start", InPath: false, "How many to leave out."),
                new("count", InPath: false, "How many at most, up to 200."),
            ],
            [(200, "The failures.")],
            Json,
            "Failures"
        ),
        new(
            "GET",
            "/triage/{build}",
            "The line of the console that started the failure: line, text, tool, context, fingerprint; empty where nothing looks like an error.",
            [Build],
            [(200, "The line."), (404, "There is no such build, or its console is gone."), Busy],
            Json,
            "FirstError"
        ),
        new(
            "GET",
            "/advisories",
            "Published faults, and how many latest builds contain an affected package.",
            [],
            [(200, "All of them."), Busy],
            Json,
            "Advisories"
        ),
        new(
            "GET",
            "/advisories/{id}",
            "One advisory and where it applies.",
            [new("id", true, "Of the advisory, such as OSEC-2026-01.")],
            [(200, "The advisory."), (404, "There is no such advisory."), Busy],
            Json,
            "Advisory"
        ),
        new(
            "GET",
            "/notifications",
            "Who is told of events: what waits, and what could not be delivered.",
            [],
            [(200, "Targets and dead letters.")],
            Json,
            "Notifications"
        ),
        new(
            "GET",
            "/job/{job}/history",
            "Size, time, packages, processor time and memory of the newest builds, each platform oldest first.",
            [Job, Platform, new("count", InPath: false, "Builds of each platform, up to 500; else 100.")],
            [(200, "The builds."), Unknown, Busy],
            Json,
            "History"
        ),
        new(
            "GET",
            "/job/{job}/history.csv",
            "The same as CSV (RFC 4180) with a line of names.",
            [Job, Platform, new("count", InPath: false, "Builds of each platform, up to 500; else 100.")],
            [(200, "The table."), Unknown, Busy],
            "text/csv"
        ),
        new(
            "GET",
            "/job/{job}/badge.svg",
            "A badge: status, reproducible, size or version; may be kept for a minute.",
            [Job, Platform, new("show", InPath: false, "status, reproducible, size or version; else status.")],
            [(200, "The picture; \"never built\" and \"building\" are states."), (400, "No such badge.")],
            "image/svg+xml"
        ),
        new(
            "GET",
            "/job/{job}/badge.json",
            "The same in the form that shields.io reads.",
            [Job, Platform, new("show", InPath: false, "status, reproducible, size or version; else status.")],
            [(200, "The badge."), (400, "No such badge.")],
            Json,
            "Badge"
        ),
        new(
            "GET",
            "/feed.atom",
            "The builds that were stored last, as a feed.",
            [],
            [(200, "An Atom feed."), Busy],
            "application/atom+xml"
        ),
        new(
            "GET",
            "/job/{job}/feed.atom",
            "The newest builds of a job as a feed.",
            [Job],
            [(200, "An Atom feed."), Unknown],
            "application/atom+xml"
        ),
        new(
            "GET",
            "/failures.atom",
            "The newest failures, with their first error, as a feed.",
            [],
            [(200, "An Atom feed."), Busy],
            "application/atom+xml"
        ),
        new(
            "GET",
            "/verdicts.atom",
            "Builds that changed the verdict of their job, as a feed.",
            [],
            [(200, "An Atom feed."), Busy],
            "application/atom+xml"
        ),
        new("GET", "/packages.atom", "Published packages as a feed.", [], [(200, "An Atom feed."), Busy], "application/atom+xml"),
        new("GET", "/advisories.atom", "The advisories as a feed.", [], [(200, "An Atom feed."), Busy], "application/atom+xml"),
        new(
            "GET",
            "/job/{job}/build/{build}/advisories",
            "The advisories that apply to a build.",
            [Job, Build],
            [(200, "Those that apply; perhaps none."), (409, "Nothing names its packages, or it is not in the index yet."), Unknown, Gone],
            Json,
            "BuildAdvisories"
        ),
        new("GET", "/build/{build}/advisories", "Leads to the same.", [Build], [(302, "Location is the address."), Unknown], Nothing),
        new(
            "GET",
            "/job/{job}/build/{build}/proof",
            "What is known of the main binary: facts in plain words, and the documents that say so.",
            [Job, Build],
            [(200, "What is known."), Unknown, Gone],
            Json,
            "Proof"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/attestations.sigstore.jsonl",
            "All signed statements about a build as Sigstore bundles, a line each; those in no log as they are.",
            [Job, Build],
            [(200, "The bundles."), Unknown],
            BundleEndpoints.LinesType
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/provenance.pub",
            "The public key that signed its provenance, in PEM.",
            [Job, Build],
            [(200, "The key."), (404, "There is no such build, or it has no provenance.")],
            "application/x-pem-file"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/buildinfo",
            "What a build of Debian packages left and what was installed (deb-buildinfo(5)); not signed, the provenance is.",
            [Job, Build],
            [(200, "The file."), Withheld, (404, "There is no such build, it left no .deb, or did not record its system packages.")],
            Text
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/SHA256.sig",
            "Hashes of all artifacts with a signature, for signify.",
            [Job, Build],
            [(200, "The list."), (404, "There is no such build, or no signer signs it."), Gone, Busy],
            Text
        )
        {
            NeedsSigner = true,
        },
        new(
            "GET",
            "/job/{job}/build/{build}/main-binary.minisig",
            "The signature of the main binary, for minisign.",
            [Job, Build],
            [(200, "The signature."), (404, "There is no such build, or no signer signs it."), Gone, Busy],
            Text
        )
        {
            NeedsSigner = true,
        },
        new(
            "GET",
            "/job/{job}/build/{build}/quorum.tar.gz",
            "Layout, links and key for in-toto-verify.",
            [Job, Build],
            [(200, "The archive."), (404, "There is no such build, or no signer signs it."), Gone, Busy],
            "application/gzip"
        )
        {
            NeedsSigner = true,
        },
        new(
            "GET",
            "/.well-known/builder-files.pub",
            "The public key of SHA256.sig and of minisign's signatures.",
            [],
            [(200, "The key."), (404, "This site has no signer.")],
            Text
        )
        {
            NeedsSigner = true,
        },
        new(
            "GET",
            "/compare/{left}/{right}",
            "What changed between two builds.",
            [
                new("left", true, "Uuid of a build."),
                new("right", true, "Uuid of another."),
                new("modules", false, "Given, with any value: the main binaries by module, too (binary_diff)."),
                new("root", false, "Only what this root package of the opam switches reaches."),
                new("difference", false, "Given, with any value: why the artifacts differ, too."),
            ],
            [(200, "The comparison."), Unknown, Gone, Busy],
            Json,
            "Comparison"
        ),
        new(
            "GET",
            "/compare/{left}/{right}/difference",
            "Why the artifacts of two builds differ: causes, and a tree. While it is being computed, a status.",
            [new("left", true, "Uuid of a build."), new("right", true, "Uuid of another.")],
            [(200, "The difference, or {\"status\":\"computing\"}: ask again in a second."), Unknown, Gone, Busy],
            Json,
            "Difference"
        ),
        new(
            "GET",
            "/hash",
            "Leads to the newest build that has a file with this content.",
            [
                new("sha256", false, "64 hexadecimal digits."),
                new("attestations", false, "Signed statements about the file instead, as JSON lines of DSSE envelopes."),
            ],
            [
                (302, "Location is the build, path-absolute."),
                (200, "The statements, where they are asked for."),
                (400, "Not a hash."),
                (404, "No build has it."),
                Gone,
            ],
            Nothing
        ),
        new(
            "GET",
            "/log",
            "Size, root and witnesses of the transparency log.",
            [],
            [(200, "The log."), (404, "There is no log yet.")],
            Json,
            "Log"
        ),
        new(
            "GET",
            "/log/entry/{index}",
            "The signed statement that an entry of the transparency log stands for.",
            [new("index", true, "Number of the entry, from 0.", "0")],
            [(200, "The statement."), (404, "There is no such entry, or the site does not have its statement.")],
            Json
        ),
        new(
            "GET",
            "/tlog/checkpoint",
            "The signed checkpoint of the transparency log (C2SP tlog-checkpoint); the tiles beside it make the log (C2SP tlog-tiles).",
            [],
            [(200, "The checkpoint, valid for a few seconds."), (404, "There is no log yet.")],
            Text
        ),
        new(
            "GET",
            "/tlog/vkey",
            "The key that checks it.",
            [],
            [(200, "The key as NAME+HASH+BASE64."), (404, "There is no log yet.")],
            Text
        ),
        new(
            "GET",
            "/tlog/{path}",
            "A tile of hashes (tile/LEVEL/N) or of entries (tile/entries/N), whole or as .p/WIDTH; it never changes.",
            [new("path", true, "Path of the tile.", "tile/0/000")],
            [(200, "The tile."), (206, "The range of it."), (304, "The client has it."), (404, "The published log has no such tile.")],
            Bytes
        ),
        new(
            "GET",
            "/trusted_root.json",
            "Tells cosign and sigstore-js to believe this log.",
            [],
            [(200, "The trusted root."), (404, "There is no log yet.")],
            Json,
            "TrustedRoot"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/provenance",
            "Signed SLSA provenance, as a DSSE envelope; also of a removed build.",
            [Job, Build],
            [(200, "The envelope."), (404, "There is none; the details say why.")],
            StatementEndpoints.ProvenanceType
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/provenance.sigstore.json",
            "The same with the proof that it stands in the transparency log, as a Sigstore bundle.",
            [Job, Build],
            [(200, "The bundle."), (404, "There is none, or no log.")],
            SigstoreBundle.MediaType
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/attestations",
            "All signed statements about a build, DSSE envelopes as JSON lines; also of a removed build.",
            [Job, Build],
            [(200, "The envelopes."), Unknown],
            StatementEndpoints.BundleType
        ),
        new(
            "GET",
            "/.well-known/builder-keys.json",
            "The keys of this site, as a signed DSSE envelope.",
            [],
            [(200, "The envelope."), (404, "This site has no signer.")],
            Json
        ),
        new(
            "GET",
            "/rebuilders",
            "Who builds again what this site shows, with their keys.",
            [],
            [(200, "The rebuilders.")],
            Json,
            "Rebuilders"
        ),
        new(
            "GET",
            "/rebuilders/builds",
            "Builds whose inputs are recorded, in the order in which they came; rebuilders follow it.",
            [
                new("after", false, "The number that the last answer called next; 0 for the first.", "0"),
                new("count", false, "At most so many builds, up to 500.", "100"),
                new("job", false, "Instead the newest builds of this job, with the SHA-256 of their main binaries; null while withheld."),
            ],
            [(200, "The builds, and where to go on.")],
            Json,
            "RepeatableBuilds"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/rebuilders",
            "What rebuilders say about a build, and what its packages wait for.",
            [Job, Build],
            [(200, "Who agrees."), Unknown],
            Json,
            "BuildRebuilders"
        ),
        new(
            "GET",
            "/job/{job}/build/{build}/rebuilders/{statement}",
            "A rebuilder's signed statement and its in-toto links as they came, one a line.",
            [Job, Build, new("statement", true, "SHA-256 of the signed bytes.")],
            [(200, "The lines."), Withheld, Unknown],
            RebuildStatement.MediaType
        ),
        new(
            "POST",
            "/job/{job}/build/{build}/attestations",
            "Takes what a rebuilder says about a build: a signed statement (DSSE, SLSA provenance) and up to two in-toto links, one a line. No account; the key is registered.",
            [Job, Build],
            [
                (200, "It was here already."),
                (201, "Kept."),
                (400, "Not such a statement, or about another build; the text says why."),
                (403, "Signed with a key that is not registered, or no longer in use."),
                (404, "There is no such job or build."),
                (409, "The build has no main binary, or the key said enough about it."),
                (413, "Longer than 1 MiB."),
                (429, "Too many statements from this address were refused."),
            ],
            Json,
            "ReceivedStatement"
        )
        {
            IsAnonymous = true,
        },
        new("GET", "/upload/limit", "How many bytes an upload may have.", [], [(200, "The limit.")], Json, "UploadLimit"),
        new("POST", "/upload", "Takes in a build as DER. Basic authentication.", [], Upload, Text),
        new(
            "POST",
            "/job/{job}/platform/{platform}/upload",
            "Takes in a single binary as a build. Basic authentication.",
            [
                Job,
                Platform with
                {
                    InPath = true,
                    Meaning = "What it is for.",
                },
                new("binary_name", false, "Its file name; JOB.bin where none is given."),
            ],
            Upload,
            Text
        ),
        .. ActionCatalogue.All,
    ];
}
