namespace Builder.Cli.Diff;

internal enum DiffFormat
{
    Text,
    Json,
    Html,
}
