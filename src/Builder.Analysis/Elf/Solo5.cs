using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Builder.Analysis.Elf;

/// <summary>What the two Solo5 notes of a unikernel say: what runs it, and which devices it wants.</summary>
public sealed record Solo5(Solo5Target Target, uint AbiVersion, uint ManifestVersion, ImmutableArray<Solo5Device> Devices)
{
    private const uint AbiNote = 0x31494241;
    private const uint ManifestNote = 0x3154464d;
    private const int AbiSize = 16;
    private const int EntrySize = 104;
    private const int NameSize = 68;
    private const int MaxEntries = 64;
    private const uint ReservedFirst = 1u << 30;

    /// <summary>hvt, spt, virtio, muen, genode or xen.</summary>
    public string TargetName =>
        Target switch
        {
            Solo5Target.Hvt => "hvt",
            Solo5Target.Spt => "spt",
            Solo5Target.Virtio => "virtio",
            Solo5Target.Muen => "muen",
            Solo5Target.Genode => "genode",
            _ => "xen",
        };

    /// <param name="stream">Seekable; stays open.</param>
    /// <param name="reason">Why it is no Solo5 unikernel; the common case is that there is no note.</param>
    public static bool TryRead(Stream stream, [NotNullWhen(true)] out Solo5? solo5, [NotNullWhen(false)] out string? reason)
    {
        solo5 = null;
        return ElfFile.TryRead(stream, out var file, out reason) && TryRead(file, out solo5, out reason);
    }

    public static bool TryRead(ElfFile file, [NotNullWhen(true)] out Solo5? solo5, [NotNullWhen(false)] out string? reason)
    {
        solo5 = null;
        try
        {
            if (!TryReadAbi(file, out var target, out var abiVersion, out reason) || !TryReadDevices(file, out var devices, out reason))
                return false;
            solo5 = new Solo5(target, abiVersion, 1, devices);
            return true;
        }
        catch (EndOfStreamException)
        {
            reason = "the file became shorter while it was read";
            return false;
        }
    }

    /// <summary><c>{"type":"solo5.abi","target":…,"version":…}</c></summary>
    public void WriteAbi(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "solo5.abi");
        json.WriteString("target", TargetName);
        json.WriteNumber("version", AbiVersion);
        json.WriteEndObject();
    }

    /// <summary><c>{"type":"solo5.manifest","version":…,"devices":[{"name":…,"type":…}]}</c></summary>
    public void WriteManifest(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "solo5.manifest");
        json.WriteNumber("version", ManifestVersion);
        json.WriteStartArray("devices");
        foreach (var device in Devices)
        {
            json.WriteStartObject();
            json.WriteString("name", device.Name);
            json.WriteString("type", device.TypeName);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public string AbiJson() => Json(WriteAbi);

    public string ManifestJson() => Json(WriteManifest);

    public bool Equals(Solo5? other) =>
        other is not null
        && Target == other.Target
        && AbiVersion == other.AbiVersion
        && ManifestVersion == other.ManifestVersion
        && Devices.AsSpan().SequenceEqual(other.Devices.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Target, AbiVersion, Devices.Length);

    private static bool TryReadAbi(ElfFile file, out Solo5Target target, out uint version, [NotNullWhen(false)] out string? reason)
    {
        target = default;
        version = 0;
        if (!TryFindNote(file, ".note.solo5.abi", AbiNote, out var note, out reason))
            return false;
        if (note.Length != AbiSize)
            return Refuse($"the Solo5 ABI note has {note.Length} bytes instead of {AbiSize}", out reason);
        var reader = file.Header.Fields;
        var number = reader.UInt32(note.Span, 0);
        if (number is < (uint)Solo5Target.Hvt or > (uint)Solo5Target.Xen)
            return Refuse($"Solo5 target {number} is unknown", out reason);
        target = (Solo5Target)number;
        version = reader.UInt32(note.Span, 4);
        return true;
    }

    private static bool TryReadDevices(ElfFile file, out ImmutableArray<Solo5Device> devices, [NotNullWhen(false)] out string? reason)
    {
        const int Head = 12;
        devices = [];
        if (!TryFindNote(file, ".note.solo5.manifest", ManifestNote, out var note, out reason))
            return false;
        if (note.Length < Head)
            return Refuse($"the Solo5 manifest has only {note.Length} bytes", out reason);
        var reader = file.Header.Fields;
        var version = reader.UInt32(note.Span, 4);
        var entries = reader.UInt32(note.Span, 8);
        if (version != 1)
            return Refuse($"version {version} of the Solo5 manifest is unknown", out reason);
        if (entries is 0 or > MaxEntries || note.Length != Head + EntrySize * entries)
            return Refuse($"the Solo5 manifest says {entries} entries in {note.Length} bytes", out reason);
        var found = ImmutableArray.CreateBuilder<Solo5Device>((int)entries - 1);
        for (var index = 0; index < entries; index++)
        {
            reason = ReadEntry(note.Span.Slice(Head + index * EntrySize, EntrySize), reader, index, found);
            if (reason is not null)
                return false;
        }
        devices = found.MoveToImmutable();
        reason = null;
        return true;
    }

    /// <summary>Entry 0 is reserved and no device; every other one is.</summary>
    private static string? ReadEntry(ReadOnlySpan<byte> entry, FieldReader reader, int index, ImmutableArray<Solo5Device>.Builder devices)
    {
        const int Attached = 96;
        var end = entry[..NameSize].IndexOf((byte)0);
        if (end < 0)
            return $"the name of Solo5 manifest entry {index} has no end";
        if (entry[Attached] != 0)
            return $"Solo5 manifest entry {index} is attached already";
        var type = reader.UInt32(entry, NameSize);
        if (index == 0)
            return type == ReservedFirst && end == 0 ? null : "the first entry of the Solo5 manifest is not the reserved one";
        if (type is not ((uint)Solo5DeviceType.BlockBasic or (uint)Solo5DeviceType.NetBasic))
            return $"Solo5 manifest entry {index} has the unknown type {type}";
        devices.Add(new Solo5Device(Encoding.UTF8.GetString(entry[..end]), (Solo5DeviceType)type));
        return null;
    }

    /// <summary>Only the first note of the section counts; without section headers, the first of a PT_NOTE segment.</summary>
    private static bool TryFindNote(
        ElfFile file,
        string name,
        uint type,
        out ReadOnlyMemory<byte> descriptor,
        [NotNullWhen(false)] out string? reason
    )
    {
        var note =
            file.Sections.IsEmpty
                ? file
                    .Segments.Where(segment => segment.Type == ElfSegment.Note)
                    .Select(segment => file.Notes(segment).FirstOrDefault())
                    .FirstOrDefault(note => note is not null && IsSolo5(note, type))
            : file.Section(name) is { Type: ElfSection.Note } section ? file.Notes(section).FirstOrDefault()
            : null;
        descriptor = note?.Descriptor ?? default;
        if (note is null)
            return Refuse($"there is no note {name}", out reason);
        if (!IsSolo5(note, type))
            return Refuse($"the note {name} has the owner \"{Printable(note.Owner)}\" and the type 0x{note.Type:x8}", out reason);
        reason = null;
        return true;
    }

    private static bool IsSolo5(ElfNote note, uint type) => note.Owner == "Solo5" && note.Type == type;

    private static string Printable(string owner) =>
        string.Concat(owner.Take(32).Select(character => character is >= ' ' and <= '~' ? character : '?'));

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static bool Refuse(string why, out string reason)
    {
        reason = why;
        return false;
    }
}
