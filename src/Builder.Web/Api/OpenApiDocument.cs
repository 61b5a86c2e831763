using System.Globalization;
using System.Text.Json;

namespace Builder.Web.Api;

/// <summary>The description of the interface as OpenAPI 3.1.</summary>
internal static class OpenApiDocument
{
    public static void Write(Utf8JsonWriter json, string title, string server)
    {
        json.WriteStartObject();
        json.WriteString("openapi", "3.1.0");
        json.WriteStartObject("info");
        json.WriteString("title", title);
        json.WriteString("version", "1");
        json.WriteString(
            "description",
            "Where Accept names application/json, operations that have JSON answer with it, and each error is problem details (RFC 9457). Times are RFC 3339, UTC."
        );
        json.WriteEndObject();
        json.WriteStartArray("servers");
        json.WriteStartObject();
        json.WriteString("url", server);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("paths");
        foreach (var path in ApiCatalogue.All.GroupBy(operation => operation.Path))
        {
            json.WriteStartObject(path.Key);
            foreach (var operation in path)
                WriteOperation(json, operation);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartObject("components");
        json.WritePropertyName("schemas");
        json.WriteRawValue(ApiSchemas.Json);
        json.WriteStartObject("securitySchemes");
        json.WriteStartObject("basic");
        json.WriteString("type", "http");
        json.WriteString("scheme", "basic");
        json.WriteEndObject();
        json.WriteStartObject("bearer");
        json.WriteString("type", "http");
        json.WriteString("scheme", "bearer");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteOperation(Utf8JsonWriter json, ApiOperation operation)
    {
        json.WriteStartObject(operation.Method.ToLowerInvariant());
        json.WriteString("operationId", operation.Id);
        json.WriteString("summary", operation.Summary);
        json.WriteStartArray("parameters");
        foreach (var parameter in operation.Parameters)
        {
            json.WriteStartObject();
            json.WriteString("name", parameter.Name);
            json.WriteString("in", parameter.InPath ? "path" : "query");
            json.WriteString("description", parameter.Meaning);
            json.WriteBoolean("required", parameter.InPath);
            json.WriteStartObject("schema");
            json.WriteString("type", "string");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (operation.IsUpload)
            WriteUpload(json, operation);
        else if (operation.NeedsToken)
            WriteAction(json, operation);
        json.WriteStartObject("responses");
        foreach (var (status, meaning) in operation.Answers)
            WriteAnswer(json, operation, status, meaning);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAction(Utf8JsonWriter json, ApiOperation operation)
    {
        json.WriteStartArray("security");
        foreach (var scheme in (string[])["bearer", "basic"])
        {
            json.WriteStartObject();
            json.WriteStartArray(scheme);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (operation.Fields.Count == 0)
            return;
        json.WriteStartObject("requestBody");
        json.WriteStartObject("content");
        foreach (var type in (string[])["application/x-www-form-urlencoded", "application/json"])
        {
            json.WriteStartObject(type);
            json.WriteStartObject("schema");
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            foreach (var field in operation.Fields)
            {
                json.WriteStartObject(field.Name);
                json.WriteString("type", "string");
                json.WriteString("description", field.Meaning);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteUpload(Utf8JsonWriter json, ApiOperation operation)
    {
        if (!operation.IsAnonymous)
        {
            json.WriteStartArray("security");
            json.WriteStartObject();
            json.WriteStartArray("basic");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteStartObject("requestBody");
        json.WriteBoolean("required", true);
        WriteContent(json, "application/octet-stream", null);
        json.WriteEndObject();
    }

    private static void WriteAnswer(Utf8JsonWriter json, ApiOperation operation, int status, string meaning)
    {
        json.WriteStartObject(status.ToString(CultureInfo.InvariantCulture));
        json.WriteString("description", meaning);
        if (status is 200 or 201 or 206 && !operation.IsUpload && operation.Produces.Length > 0)
            WriteContent(json, operation.Produces, operation.Schema);
        else if (status >= 400)
            WriteContent(json, "application/problem+json", "Problem");
        json.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter json, string type, string? schema)
    {
        json.WriteStartObject("content");
        json.WriteStartObject(type);
        if (schema is not null)
        {
            json.WriteStartObject("schema");
            json.WriteString("$ref", $"#/components/schemas/{schema}");
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
