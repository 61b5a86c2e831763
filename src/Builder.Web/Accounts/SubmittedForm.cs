using System.Text.Json;

namespace Builder.Web.Accounts;

/// <summary>What a request to do something says: the fields of a form, or a JSON object of texts.</summary>
internal sealed class SubmittedForm
{
    private readonly Dictionary<string, string> fields;

    private SubmittedForm(Dictionary<string, string> fields) => this.fields = fields;

    /// <returns>Null where it is something else, or cannot be read.</returns>
    public static async Task<SubmittedForm?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        if (request.ContentLength is 0 || (request.ContentLength is null && request.ContentType is null))
            return new SubmittedForm(fields);
        try
        {
            if (request.HasFormContentType)
            {
                foreach (var (name, value) in await request.ReadFormAsync(cancellationToken))
                    fields[name] = value.ToString();
                return new SubmittedForm(fields);
            }
            if (!request.HasJsonContentType())
                return null;
            using var document = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 4 }, cancellationToken);
            foreach (var property in document.RootElement.EnumerateObject())
                fields[property.Name] =
                    property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            return new SubmittedForm(fields);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Without blanks around it; null where it is absent or empty.</summary>
    public string? this[string name] => fields.GetValueOrDefault(name)?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>As it came: a password may begin with a blank.</summary>
    public string Raw(string name) => fields.GetValueOrDefault(name) ?? "";
}
