using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Builder.Analysis.Elf;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Text;
using Builder.Protocol.Text;

namespace Builder.Cli.Elf;

/// <summary><c>builder elf FILE [--json]</c>: what an executable says about itself.</summary>
internal static class ElfCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A 64-bit ELF file: an executable, a library, a unikernel, a debug file." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("elf", "Show an ELF file's build id, sections, and the devices that a Solo5 unikernel wants.")
        {
            file,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var output = StandardOutput.Open();
                return await RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(json), output, cancellationToken);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(string path, bool asJson, Stream output, CancellationToken cancellationToken)
    {
        using var file = await SeekableInput.OpenAsync(path, cancellationToken);
        if (!ElfFile.TryRead(file, out var elf, out var reason))
            throw new CommandException($"{path}: {reason}");
        Solo5.TryRead(elf, out var solo5, out var notSolo5);
        await output.WriteAsync(asJson ? Json(elf, solo5) : Encoding.UTF8.GetBytes(Text(elf, solo5, notSolo5)), cancellationToken);
        return ExitCode.Success;
    }

    private static byte[] Json(ElfFile elf, Solo5? solo5)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.Default }))
        {
            json.WriteStartObject();
            json.WriteNumber("file_size", elf.Length);
            json.WriteString("type", TypeName(elf.Header.Type));
            json.WriteString("machine", elf.Header.MachineName);
            json.WriteString("byte_order", elf.Header.IsBigEndian ? "big" : "little");
            json.WriteString("build_id", elf.BuildId);
            json.WriteBoolean("static", elf.IsStatic);
            json.WriteBoolean("pie", elf.IsPositionIndependentExecutable);
            json.WriteBoolean("stripped", elf.IsStripped);
            WriteSolo5(json, "solo5_abi", solo5 is null ? null : solo5.WriteAbi);
            WriteSolo5(json, "solo5_manifest", solo5 is null ? null : solo5.WriteManifest);
            json.WriteStartArray("sections");
            foreach (var section in elf.Sections.Where(section => section.Type != 0))
            {
                json.WriteStartObject();
                json.WriteString("name", section.Name);
                json.WriteNumber("size", section.Size);
                json.WriteNumber("offset", section.Offset);
                json.WriteNumber("address", section.Address);
                json.WriteBoolean("in_file", section.HasBytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void WriteSolo5(Utf8JsonWriter json, string name, Action<Utf8JsonWriter>? write)
    {
        json.WritePropertyName(name);
        if (write is null)
            json.WriteNullValue();
        else
            write(json);
    }

    private static string Text(ElfFile elf, Solo5? solo5, string? notSolo5)
    {
        var text = new StringBuilder();
        var linking = elf.IsStatic ? "static" : "dynamic";
        var place = elf.IsPositionIndependentExecutable ? ", position-independent" : "";
        var names = elf.IsStripped ? ", stripped" : ", with symbols";
        Line("file", $"{TypeName(elf.Header.Type)} for {elf.Header.MachineName}, {linking}{place}{names}, {elf.Length:N0} bytes");
        Line("build id", elf.BuildId ?? "none");
        if (solo5 is null)
        {
            Line("solo5", $"no unikernel: {notSolo5}");
        }
        else
        {
            Line("solo5", $"{solo5.TargetName}, ABI version {solo5.AbiVersion}");
            foreach (var device in solo5.Devices)
                Line("device", $"{VisibleText.Line(device.Name)} ({device.TypeName})");
        }
        Line("sections", "");
        foreach (var section in elf.Sections.Where(section => section.Type != 0))
            text.Append(
                CultureInfo.InvariantCulture,
                $"{section.Size, 16:N0}  {VisibleText.Line(section.Name)}{(section.HasBytes ? "" : " (not in the file)")}\n"
            );
        return text.ToString();

        void Line(string label, string value) => text.Append($"{label + ":", -10} {value}".TrimEnd()).Append('\n');
    }

    private static string TypeName(ElfType type) =>
        type switch
        {
            ElfType.Relocatable => "relocatable",
            ElfType.Executable => "executable",
            ElfType.SharedObject => "shared",
            ElfType.Core => "core",
            _ => "other",
        };
}
