using System.Runtime.InteropServices;
using Builder.Worker.Native;

namespace Builder.Worker.Processes;

/// <summary>
/// Starts a program in a session and process group of its own, with default signal handling and nothing inherited but what
/// is said here: the runtime cannot fork safely, <c>posix_spawn</c> can.
/// </summary>
internal static unsafe class ProcessSpawn
{
    private const short ResetSignals = 0x04;
    private const short SetSignalMask = 0x08;
    private const short NewSession = 0x80;

    // Larger than the C library's types on any 64-bit system.
    private const int OpaqueSize = 1024;

    /// <summary>What becomes of a standard descriptor in the new process.</summary>
    public readonly record struct Redirection(int Descriptor, string? OpenPath, int OpenFlags, int DuplicateOf)
    {
        public static Redirection Open(int descriptor, string path, int flags) => new(descriptor, path, flags, -1);

        public static Redirection Duplicate(int descriptor, int of) => new(descriptor, null, 0, of);
    }

    /// <returns>The process id.</returns>
    /// <exception cref="IOException">The program could not be started.</exception>
    public static int Start(
        IReadOnlyList<string> command,
        IReadOnlyList<string> environment,
        string? directory,
        IReadOnlyList<Redirection> redirections
    )
    {
        using var memory = new NativeStrings();
        void* attributes = memory.Allocate(OpaqueSize);
        void* actions = memory.Allocate(OpaqueSize);
        void* signals = memory.Allocate(OpaqueSize);

        Check(Posix.posix_spawnattr_init(attributes));
        Check(Posix.posix_spawn_file_actions_init(actions));
        try
        {
            _ = Posix.sigfillset(signals);
            Check(Posix.posix_spawnattr_setsigdefault(attributes, signals));
            _ = Posix.sigemptyset(signals);
            Check(Posix.posix_spawnattr_setsigmask(attributes, signals));
            Check(Posix.posix_spawnattr_setflags(attributes, ResetSignals | SetSignalMask | NewSession));

            foreach (var redirection in redirections)
            {
                Check(
                    redirection.OpenPath is { } path
                        ? Posix.posix_spawn_file_actions_addopen(
                            actions,
                            redirection.Descriptor,
                            memory.Add(path),
                            redirection.OpenFlags,
                            0
                        )
                        : Posix.posix_spawn_file_actions_adddup2(actions, redirection.DuplicateOf, redirection.Descriptor)
                );
            }
            if (directory is not null)
                Check(Posix.posix_spawn_file_actions_addchdir_np(actions, memory.Add(directory)));

            int pid;
            var error = Posix.posix_spawn(
                &pid,
                memory.Add(command[0]),
                actions,
                attributes,
                memory.AddArray(command),
                memory.AddArray(environment)
            );
            return error == 0 ? pid : throw Posix.Error($"cannot start {command[0]}", error);
        }
        finally
        {
            _ = Posix.posix_spawn_file_actions_destroy(actions);
            _ = Posix.posix_spawnattr_destroy(attributes);
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw Posix.Error("cannot prepare the start of a program", error);
    }

    /// <summary>Native memory that lives as long as the call needs it.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly List<nint> blocks = [];

        public void* Allocate(int size)
        {
            var block = NativeMemory.AllocZeroed((nuint)size);
            blocks.Add((nint)block);
            return block;
        }

        public byte* Add(string text)
        {
            var bytes = Posix.Terminated(text);
            var copy = (byte*)Allocate(bytes.Length);
            bytes.CopyTo(new Span<byte>(copy, bytes.Length));
            return copy;
        }

        public byte** AddArray(IReadOnlyList<string> texts)
        {
            var array = (byte**)Allocate((texts.Count + 1) * sizeof(byte*));
            for (var i = 0; i < texts.Count; i++)
                array[i] = Add(texts[i]);
            return array;
        }

        public void Dispose() => blocks.ForEach(block => NativeMemory.Free((void*)block));
    }
}
