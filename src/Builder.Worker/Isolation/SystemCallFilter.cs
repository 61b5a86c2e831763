using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Builder.Worker.Isolation;

/// <summary>
/// A filter of system calls for a sandbox (seccomp(2), classic BPF): what reaches past namespaces, or is the usual way to attack a
/// kernel, is refused as if the kernel did not have it.
/// </summary>
/// <remarks>
/// Keyrings of the kernel belong to users, not to namespaces: one job could leave keys for the next. Virtual sockets (AF_VSOCK)
/// reach the host of a virtual machine, and no network namespace holds them. User namespaces of its own would give a job rights
/// over mounts and networks, which it has no use for and which most attacks on kernels begin with.
/// </remarks>
internal static class SystemCallFilter
{
    private const ushort Load = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;

    private const uint Allow = 0x7fff0000;
    private const uint KillProcess = 0x80000000;
    private const uint Refuse = 0x00050000; // SECCOMP_RET_ERRNO
    private const uint EPERM = 1;
    private const uint ENOSYS = 38;
    private const uint EAFNOSUPPORT = 97;

    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;

    private const uint NewUserNamespace = 0x10000000;
    private const uint FirstX32Call = 0x40000000;

    private static readonly uint[] RefusedFamilies = [38, 40]; // AF_ALG, AF_VSOCK

    /// <summary>Null on processors that it is not written for.</summary>
    public static byte[]? Program()
    {
        var calls = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => Calls.X64,
            Architecture.Arm64 => Calls.Arm64,
            _ => null,
        };
        return calls is null ? null : Assemble(calls);
    }

    private static byte[] Assemble(Calls calls)
    {
        List<(ushort Code, byte Yes, byte No, uint Value)> program =
        [
            (Load, 0, 0, ArchitectureOffset),
            (JumpIfEqual, 1, 0, calls.Architecture),
            (Return, 0, 0, KillProcess),
            (Load, 0, 0, NumberOffset),
        ];
        if (calls.HasX32)
            program.AddRange([(JumpIfAtLeast, 0, 1, FirstX32Call), (Return, 0, 0, Refuse | ENOSYS)]);
        foreach (var call in calls.Refused)
            program.AddRange([(JumpIfEqual, 0, 1, call), (Return, 0, 0, Refuse | EPERM)]);
        // Its flags are in memory, where a filter cannot look; the C library goes on with clone.
        program.AddRange([(JumpIfEqual, 0, 1, calls.CloneThree), (Return, 0, 0, Refuse | ENOSYS)]);
        foreach (var call in (uint[])[calls.CloneOne, calls.Unshare])
        {
            program.AddRange([
                (JumpIfEqual, 0, 4, call),
                (Load, 0, 0, FirstArgumentOffset),
                (JumpIfAnyBit, 0, 1, NewUserNamespace),
                (Return, 0, 0, Refuse | EPERM),
                (Return, 0, 0, Allow),
            ]);
        }
        program.AddRange([(JumpIfEqual, 0, (byte)(1 + (2 * RefusedFamilies.Length)), calls.Socket), (Load, 0, 0, FirstArgumentOffset)]);
        foreach (var family in RefusedFamilies)
            program.AddRange([(JumpIfEqual, 0, 1, family), (Return, 0, 0, Refuse | EAFNOSUPPORT)]);
        program.Add((Return, 0, 0, Allow));

        var bytes = new byte[program.Count * 8];
        for (var i = 0; i < program.Count; i++)
        {
            var (code, yes, no, value) = program[i];
            var instruction = bytes.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(instruction, code);
            instruction[2] = yes;
            instruction[3] = no;
            BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], value);
        }
        return bytes;
    }

    /// <summary>Numbers of system calls, as <c>asm/unistd.h</c> has them for a processor.</summary>
    private sealed record Calls(uint Architecture, bool HasX32, uint CloneOne, uint CloneThree, uint Unshare, uint Socket, uint[] Refused)
    {
        // add_key, request_key, keyctl, bpf, perf_event_open, userfaultfd, io_uring_setup, kexec_load, open_by_handle_at, setns, mount, umount2, pivot_root
        public static Calls X64 { get; } =
            new(0xC000003E, true, 56, 435, 272, 41, [248, 249, 250, 321, 298, 323, 425, 246, 304, 308, 165, 166, 155]);

        public static Calls Arm64 { get; } =
            new(0xC00000B7, false, 220, 435, 97, 198, [217, 218, 219, 280, 241, 282, 425, 104, 265, 268, 40, 39, 41]);
    }
}
