using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Secrets;
using Builder.Server.Options;
using Builder.Storage.Database;

namespace Builder.Cli.Server;

/// <summary>Options of <c>builder server</c> for a state that several servers share.</summary>
internal sealed class SharedStateArguments
{
    public const string Variable = "BUILDER_SERVER_STATE";

    private const string Credential = "server-state";

    public Option<StateSetting?> State { get; } =
        new("--state")
        {
            Description =
                "journal or original: what counts where the original's state file was changed since this server last read or wrote it; "
                + "without it the server then lists the differences and does not start. "
                + "Or a PostgreSQL connection, such as \"Host=/run/postgresql;Database=builder_server\": the state is there, and one of the servers with this "
                + $"connection serves. Default: a journal in --dir, or the connection in the systemd credential \"{Credential}\" or ${Variable}.",
            HelpName = "journal|original|CONNECTION",
            CustomParser = result =>
            {
                if (StateSetting.Parse(result.Tokens[0].Value) is { } setting)
                    return setting;
                result.AddError(
                    $"--state \"{result.Tokens[0].Value}\" is neither journal nor original, nor a connection such as \"Host=/run/postgresql;Database=builder_server\""
                );
                return null;
            },
        };

    public Option<FileInfo?> StateFile { get; } =
        new("--state-file")
        {
            Description = "File with the PostgreSQL connection of --state, for one that holds a password.",
            HelpName = "FILE",
        };

    public Option<string?> Spool { get; } =
        new("--spool")
        {
            Description =
                "Where finished builds wait for their upload; default --dir. Servers that share a state need a directory that they all have.",
            HelpName = "DIR",
        };

    public Option<string?> CopyState { get; } =
        new("--copy-state")
        {
            Description =
                "Copy the state from --dir to the database of --state, or from there to --dir, and end. No server may run with either.",
            HelpName = "database|directory",
        };

    public SharedStateArguments() =>
        CopyState.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value is not ("database" or "directory"))
                result.AddError($"--copy-state \"{token.Value}\" is neither database nor directory");
        });

    public void AddTo(Command command)
    {
        command.Add(State);
        command.Add(StateFile);
        command.Add(Spool);
        command.Add(CopyState);
    }

    /// <returns>Null where the state is in the directory.</returns>
    /// <exception cref="CommandException">The connection string cannot be read.</exception>
    public SharedStateOptions? Find(ParseResult parsed)
    {
        var setting = parsed.GetValue(State);
        if (setting is { Connection: null } && parsed.GetValue(StateFile) is null)
            return null;
        var (source, connection) = ConnectionText.Find(
            (State.Name, setting?.Connection),
            (StateFile.Name, parsed.GetValue(StateFile)),
            Credential,
            Variable,
            Warning.Show
        );
        Environment.SetEnvironmentVariable(Variable, null);
        if (connection is null)
            return null;
        var settings = new DatabaseSettings(Path.GetTempPath(), connection);
        DataOptions.RequireReadable(source, settings);
        if (source == State.Name && settings.HoldsPassword)
            Warning.Show(DataOptions.PasswordInArgument(State.Name, StateFile.Name));
        return new SharedStateOptions { ConnectionString = connection };
    }
}
