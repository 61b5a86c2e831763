using System.CommandLine;

namespace Builder.Cli.Db;

/// <summary>The argument that names a user: what Basic authentication can carry.</summary>
internal static class UserName
{
    private const int MaxNameLength = 255;

    public static Argument<string> Argument()
    {
        var argument = new Argument<string>("NAME") { Description = "The user's name." };
        argument.Validators.Add(result =>
        {
            var name = result.GetValueOrDefault<string>();
            if (
                string.IsNullOrEmpty(name)
                || name.Length > MaxNameLength
                || name.Contains(':', StringComparison.Ordinal)
                || name.Any(char.IsControl)
            )
                result.AddError($"A user's name has 1 to {MaxNameLength} characters, no \":\" and no control characters.");
        });
        return argument;
    }
}
