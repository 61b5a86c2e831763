using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary>What a new password's hash costs.</summary>
internal sealed class ScryptOptions
{
    private readonly Option<int> n = new("--scrypt-n")
    {
        Description = "scrypt N, a power of two.",
        DefaultValueFactory = _ => ScryptParameters.Default.N,
    };
    private readonly Option<int> r = new("--scrypt-r") { Description = "scrypt r.", DefaultValueFactory = _ => ScryptParameters.Default.R };
    private readonly Option<int> p = new("--scrypt-p") { Description = "scrypt p.", DefaultValueFactory = _ => ScryptParameters.Default.P };

    public void AddTo(Command command)
    {
        command.Add(n);
        command.Add(r);
        command.Add(p);
    }

    /// <exception cref="CommandException">They cannot be used.</exception>
    public ScryptParameters Read(ParseResult parsed)
    {
        var parameters = new ScryptParameters(parsed.GetValue(n), parsed.GetValue(r), parsed.GetValue(p));
        return parameters.Refusal() is { } refusal ? throw new CommandException($"{refusal}.") : parameters;
    }
}
