namespace Builder.Publishing.TransparencyLog;

/// <summary>What a witness answers to a checkpoint (C2SP tlog-witness).</summary>
/// <param name="Status">Of HTTP.</param>
public sealed record WitnessAnswer(int Status, string ContentType, string Body)
{
    public const string PlainText = "text/plain; charset=utf-8";
    public const string SizeType = "text/x.tlog.size";

    internal static WitnessAnswer Refused(int status, string reason) => new(status, PlainText, $"{reason}\n");
}
