using Builder.Worker.Processes;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Isolation;

/// <summary>What a sandbox reads while it is set up, each from a descriptor of its own. They are numbered from <see cref="First"/>.</summary>
internal sealed class SandboxInputs : IDisposable
{
    public const int First = Launch.StatusDescriptor + 1;

    /// <summary>The supervisor takes a few more than these.</summary>
    public const int Max = 96;

    private readonly List<SafeFileHandle> handles = [];

    public IReadOnlyList<SafeFileHandle> Handles => handles;

    /// <returns>The number that the descriptor has in the sandbox, as text.</returns>
    public string Add(SafeFileHandle handle)
    {
        handles.Add(handle);
        return $"{First + handles.Count - 1}";
    }

    /// <param name="content">No longer than a pipe holds (64 KiB).</param>
    public string Add(ReadOnlySpan<byte> content) => Add(StatusPipe.Holding(content));

    public void Dispose() => handles.ForEach(handle => handle.Dispose());
}
