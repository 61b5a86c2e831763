using Builder.Proof.Rebuilding;

namespace Builder.Web.Statements;

/// <summary>The texts behind the URIs that stand in statements. An address is for ever: what changes its meaning gets a new one.</summary>
internal static class StatementPages
{
    public static IReadOnlyList<StatementText> All { get; } =
    [
        new(
            "/buildtypes/script/v1",
            "Build type: script",
            """
            # Build type: script, version 1

            A build server handed a shell script to a worker. The worker ran it in an empty directory. Every file that the script left there is an artifact.

            | external parameter | meaning |
            | --- | --- |
            | `job` | name of the job |
            | `platform` | what the worker builds for, such as `debian-12` |
            | `script.sha256` | digest of the script as the worker ran it, with all templates filled in. The script is at `/job/JOB/build/UUID/script` |

            There are no other external parameters: a verifier refuses a statement that has more.

            | internal parameter | meaning |
            | --- | --- |
            | `isolation` | how the worker kept the job apart: `sandbox`, `sandbox-shared-proc`, `none`, or `unknown` where it did not say |
            | `root` | what the job saw as its root directory, `tree:sha256:…` or `image:NAME@sha256:…`; missing for the worker's own machine. `resolvedDependencies` has it too |
            | `worker` | name or address of the worker |

            `resolvedDependencies` are the packages that the build recorded: opam packages with the digests of their sources, and system packages. The job
            records them itself, so they are as trustworthy as its script.

            `byproducts` are the console, the whole build as one file (`exec`), and the lists of inputs.

            Run the same build again: `builder client schedule JOB PLATFORM SCRIPT`.
            """
        ),
        new(
            "/buildtypes/import/v1",
            "Build type: import",
            """
            # Build type: import, version 1

            Somebody uploaded a finished build, or it is from before build servers signed records. The statement says what was stored, and since when.
            It says nothing about how it was made. Parameters have the names of [build type script](/buildtypes/script/v1), as the upload stated them.
            """
        ),
        new(
            RebuildStatement.BuildTypePath,
            "Build type: rebuild",
            """
            # Build type: rebuild, version 1

            A rebuilder, which its own operator runs, built again what a site shows: the same script with the same recorded inputs, in a sandbox of its own. It signed what
            it got, whether or not that is what the site has.

            External parameters are those of the build that was repeated, as in [build type script](/buildtypes/script/v1).

            | internal parameter | meaning |
            | --- | --- |
            | `repeats` | address of the build that was repeated |
            | `isolation` | how the rebuilder kept the job apart: `sandbox`, `sandbox-shared-proc` or `none` |
            | `varied` | names of what was different on purpose |
            | `difference` | why the files differ, in one line, where they do |

            `subject` are all files that the rebuild left. `resolvedDependencies` are the recorded inputs that were used, with their digests.
            `builder.id` is chosen by the rebuilder, or made from its key. What counts is the key: a site lists those it knows at [/rebuilders](/rebuilders).

            Two in-toto links with the same key, `rebuild` and `rebuild FILE`, say the same for verifiers that read links.

            Rebuild it yourself: `builder rebuild --from SITE`.
            """
        ),
        new(
            "/buildtypes/policy/v1",
            "Policy of verification summaries",
            """
            # Policy of verification summaries, version 1

            The signer of this site issues a summary for the main binary of a build. It claims only what the signer checked itself.

            | level | condition |
            | --- | --- |
            | `SLSA_BUILD_LEVEL_3` | the operator declares a hosted platform, and the worker ran the job in a full sandbox |
            | `SLSA_BUILD_LEVEL_2` | the operator declares a hosted platform |
            | `BUILDER_REPRODUCED` | two builds of this farm came to the same bytes from the same recorded inputs |

            `BUILDER_REPRODUCED` is not `SLSA_BUILD_REPRODUCED`: that one wants platforms of independent operators. Imported builds have no level.
            """
        ),
        new(
            "/builders/sandboxed",
            "Builder: sandboxed",
            """
            # Builder: sandboxed

            Workers of this farm that run each job in a sandbox: with namespaces of its own, no files but its own and the system's, no processes of others,
            and no network to this farm. The worker states this; the build server signs it.

            Level: SLSA build level 3 where a verification summary of this site says so.
            """
        ),
        new(
            "/builders/sandboxed-shared-proc",
            "Builder: sandboxed, with shared /proc",
            """
            # Builder: sandboxed, with shared /proc

            As [sandboxed](/builders/sandboxed), in a container that forbids a private `/proc`: a job sees the names of other processes.

            Level: SLSA build level 2 where a verification summary of this site says so.
            """
        ),
        new(
            "/builders/unsandboxed",
            "Builder: unsandboxed",
            """
            # Builder: unsandboxed

            Workers of this farm without a sandbox, or that do not say whether they have one. Jobs of one worker can reach each other's files and processes.

            Level: SLSA build level 2 where a verification summary of this site says so, else none.
            """
        ),
        new(
            "/builders/imported",
            "Builder: imported",
            """
            # Builder: imported

            No build server of this farm vouches for the build: it was uploaded by hand, or is from before build servers signed records.

            Level: none.
            """
        ),
        new(
            "/verifier",
            "Verifier",
            """
            # Verifier

            The signer of this site. It issues verification summaries by its [policy](/buildtypes/policy/v1).
            Its keys are at [`/.well-known/builder-keys.json`](/.well-known/builder-keys.json).
            """
        ),
    ];
}
