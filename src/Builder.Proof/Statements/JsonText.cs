using System.Text.Encodings.Web;

namespace Builder.Proof.Statements;

/// <summary>How JSON that gets signed is written: nothing escaped but what JSON itself asks for, so that base64 and URLs stay readable.</summary>
internal static class JsonText
{
    public static readonly JavaScriptEncoder Plain = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
}
