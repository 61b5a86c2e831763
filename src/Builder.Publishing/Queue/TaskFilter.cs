using Builder.Protocol.Values;

namespace Builder.Publishing.Queue;

/// <summary>Which tasks are meant; what is not given does not matter.</summary>
public sealed record TaskFilter(long? Id = null, BuildUuid? Build = null, bool? Hooks = null, TaskState? State = null, string? Name = null)
{
    internal const string Where = """
        (@id IS NULL OR id = @id) AND (@build IS NULL OR build = @build) AND (@hooks IS NULL OR (kind < 2) = @hooks)
            AND (@state IS NULL OR state = @state) AND (@name IS NULL OR name = @name)
        """;

    internal (string Name, object? Value)[] Parameters =>
        [
            ("@id", Id),
            ("@build", Build?.ToString()),
            ("@hooks", Hooks is { } hooks ? (hooks ? 1 : 0) : null),
            ("@state", State is { } state ? (int)state : null),
            ("@name", Name),
        ];
}
