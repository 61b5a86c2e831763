using System.CommandLine;
using Builder.Proof.Log;

namespace Builder.Cli.Log;

/// <summary>Options that several commands about logs have.</summary>
internal static class LogOption
{
    public static Option<NoteKey?> Key(string description) =>
        new("--key")
        {
            Description = description,
            HelpName = "NAME+HASH+BASE64",
            CustomParser = static result =>
            {
                try
                {
                    return NoteKey.Parse(result.Tokens[0].Value);
                }
                catch (InvalidLogDataException exception)
                {
                    result.AddError($"--key: {exception.Message}");
                    return null;
                }
            },
        };
}
