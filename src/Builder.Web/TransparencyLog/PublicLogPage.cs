using System.Text.Json;
using Builder.Proof.Log;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Statements;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.TransparencyLog;

/// <summary>What is to be known of the log, in plain words; how to check it; its newest entries.</summary>
/// <param name="Checkpoint">Null where there is no log.</param>
public sealed record PublicLogPage(
    PageLayout PageLayout,
    string Origin,
    SignedCheckpoint? Checkpoint,
    NoteKey? Key,
    IReadOnlyList<LogWitness> Witnesses,
    IReadOnlyList<ShownEntry> Newest
)
{
    private const int MaxEntries = 20;

    public string Root => Checkpoint is { } signed ? Convert.ToBase64String(signed.Checkpoint.Root.ToByteArray()) : "";

    internal static async Task<Answer?> AnswerAsync(PageContext page, SiteLog log)
    {
        var signed = log.Checkpoint();
        var model = new PublicLogPage(
            page.PageLayout("Transparency log", NavigationEntry.None),
            SiteOrigin.Of(page.Http.Request),
            signed,
            log.Key(),
            signed is null ? [] : [.. WitnessesOf(signed)],
            signed is null ? [] : await NewestOfAsync(page, log, signed)
        );
        if (page.WantsJson)
            return signed is null ? null : Answer.Json(model.Write);
        return await Answer.PageAsync(PublicLog.Create(model));
    }

    /// <summary>Whoever signed below the log. The site does not know their keys: visitors who do can check them.</summary>
    private static IEnumerable<LogWitness> WitnessesOf(SignedCheckpoint signed) =>
        signed
            .Note.Signatures.Where(line => line.Name != signed.Checkpoint.Origin)
            .Select(static line => new LogWitness(line.Name, Cosignature.TimeOf(line)));

    private static async Task<List<ShownEntry>> NewestOfAsync(PageContext page, SiteLog log, SignedCheckpoint signed)
    {
        var entries = new List<ShownEntry>();
        for (var index = signed.Size - 1; index >= 0 && entries.Count < MaxEntries; index--)
        {
            var statement = await StatementRows.AtPlaceAsync(page.Session, index, page.Stop);
            var job = statement?.Build is { } uuid ? await JobOfAsync(page.Session, uuid, page.Stop) : null;
            try
            {
                var what = KindOf(log.Published.Entry(index, signed.Size));
                entries.Add(new ShownEntry(index, statement is null ? what : $"{what}: {statement.Kind}", job, statement?.Build));
            }
            catch (InvalidLogDataException exception)
            {
                entries.Add(new ShownEntry(index, $"cannot be read: {exception.Message}", job, statement?.Build));
            }
        }
        return entries;
    }

    private static Task<string?> JobOfAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            "SELECT job.name FROM build JOIN job ON job.id = build.job WHERE build.uuid = @uuid",
            static row => row.Text(0),
            cancellationToken,
            ("@uuid", build)
        );

    private static string KindOf(ReadOnlyMemory<byte> entry)
    {
        try
        {
            var leaf = LogLeaf.Parse(entry);
            return leaf.Kind switch
            {
                LogLeaf.HashedRekord => "signed statement",
                LogLeaf.Retraction => $"retraction of build {leaf.Subject}",
                LogLeaf.Keys => "list of keys",
                _ => leaf.Kind,
            };
        }
        catch (InvalidLogDataException)
        {
            return "entry of another program";
        }
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("origin", Checkpoint!.Checkpoint.Origin);
        writer.WriteNumber("size", Checkpoint.Size);
        writer.WriteString("root", Root);
        writer.WriteString("key", Key?.Vkey);
        writer.WriteStartArray("witnesses");
        foreach (var witness in Witnesses)
        {
            writer.WriteStartObject();
            writer.WriteString("name", witness.Name);
            if (witness.Time is { } time)
                writer.WriteString("time", time.UtcDateTime);
            else
                writer.WriteNull("time");
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

/// <param name="Time">When it signed; null where the line says none.</param>
public sealed record LogWitness(string Name, DateTimeOffset? Time);

/// <param name="What">In words.</param>
/// <param name="Job">Null where the build was removed, or it is about none.</param>
public sealed record ShownEntry(long Index, string What, string? Job, BuildUuid? Build);
