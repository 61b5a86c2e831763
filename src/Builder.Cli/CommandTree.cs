using Builder.Cli.Advisories;
using Builder.Cli.Challenge;
using Builder.Cli.Client;
using Builder.Cli.Db;
using Builder.Cli.Diff;
using Builder.Cli.Elf;
using Builder.Cli.Find;
using Builder.Cli.Health;
using Builder.Cli.Hooks;
using Builder.Cli.Inspect;
using Builder.Cli.Keys;
using Builder.Cli.Log;
using Builder.Cli.Manual;
using Builder.Cli.Notify;
using Builder.Cli.Opam;
using Builder.Cli.Orb;
using Builder.Cli.Originals;
using Builder.Cli.Parsing;
using Builder.Cli.Rebuild;
using Builder.Cli.Record;
using Builder.Cli.Repo;
using Builder.Cli.Reproduce;
using Builder.Cli.Server;
using Builder.Cli.Signer;
using Builder.Cli.Triage;
using Builder.Cli.Up;
using Builder.Cli.Verify;
using Builder.Cli.Viz;
using Builder.Cli.Web;
using Builder.Cli.Witness;
using Builder.Cli.Worker;

namespace Builder.Cli;

/// <summary>Every command with its options and arguments.</summary>
internal static class CommandTree
{
    /// <param name="original">The original program under whose name this one was called; its commands then answer as that program's do.</param>
    public static System.CommandLine.RootCommand Create(OriginalProgram? original)
    {
        var root = new System.CommandLine.RootCommand(
            """
            The build server that proves what it publishes.

            It schedules jobs, runs them on workers, keeps every artifact by its content, and shows on the web what was built,
            from what, and whether it was reproduced. Start with: builder up --samples
            """
        )
        {
            AdvisoriesCommand.Create(),
            ChallengeCommand.Create(),
            ClientCommand.Create(original is not null),
            DbCommand.Create(original is not null),
            DiffCommand.Create(),
            ElfCommand.Create(),
            FindCommand.Create(),
            HealthCommand.Create(),
            HooksCommand.Create(),
            InspectCommand.Create(),
            KeysCommand.Create(),
            LogCommand.Create(),
            ManualCommand.Create(),
            MigrationsCommand.Create(),
            NotifyCommand.Create(),
            OpamCommand.Create(),
            OrbCommand.Create(),
            RebuildCommand.Create(),
            RecordCommand.Create(),
            RepoCommand.Create(),
            ReproduceCommand.Create(),
            Root.RootCommand.Create(),
            ServerCommand.Create(),
            SignerCommand.Create(),
            TriageCommand.Create(),
            UpCommand.Create(),
            VerifyCommand.Create(),
            VizCommand.Create(),
            WebCommand.Create(),
            WitnessCommand.Create(),
            WorkerCommand.Create(original is not null),
            WorkerSupervisorCommand.Create(),
            KeyCommands.CreateAdminKey(),
            KeyCommands.CreateWorkerKey(),
        };
        ShortCommandList.AddTo(root);
        CalledNameHelp.AddTo(root, original);
        return root;
    }
}
