using System.Diagnostics.CodeAnalysis;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;

namespace Builder.Web.Options;

/// <summary>The address of a page about a trace, in whatever program keeps traces.</summary>
public sealed record TraceLink
{
    /// <summary>Stands for the id of the trace, 32 hexadecimal digits.</summary>
    public const string Place = "{trace_id}";

    private readonly string template;

    private TraceLink(string template) => this.template = template;

    /// <param name="template">Such as <c>https://jaeger.example.org/trace/{trace_id}</c>.</param>
    public static bool TryParse(string template, [NotNullWhen(true)] out TraceLink? link, [NotNullWhen(false)] out string? reason)
    {
        link = null;
        reason =
            !template.Contains(Place, StringComparison.Ordinal) ? $"\"{template}\" does not have {Place}, where the id of the trace goes"
            : !Uri.TryCreate(new TraceLink(template).Of(default(BuildUuid)), UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https")
                ? $"\"{template}\" is not an http or https URL such as https://jaeger.example.org/trace/{Place}"
            : null;
        if (reason is null)
            link = new TraceLink(template);
        return link is not null;
    }

    public string Of(BuildUuid build) => template.Replace(Place, BuildTrace.IdOf(build).ToHexString(), StringComparison.Ordinal);
}
