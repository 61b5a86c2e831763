using System.Text;
using System.Xml;
using Builder.Protocol.Values;
using Builder.Web.Html;
using Builder.Web.Http;

namespace Builder.Web.Pages;

/// <summary>An Atom feed (RFC 4287), as the answer to a request. It has an entity tag, so that readers fetch it again only when it changed.</summary>
internal static class AtomFeed
{
    private const string Namespace = "http://www.w3.org/2005/Atom";

    /// <summary>Where nothing is known of when something changed.</summary>
    public const string Unknown = "1970-01-01T00:00:00Z";

    /// <param name="path">Of the feed, path-absolute.</param>
    /// <param name="page">Of the page that shows the same, path-absolute.</param>
    /// <param name="entries">The newest first.</param>
    public static Answer Make(PageContext context, string title, string path, string page, IReadOnlyList<AtomEntry> entries)
    {
        var origin = SiteOrigin.Of(context.Http.Request);
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false }))
        {
            xml.WriteStartElement("feed", Namespace);
            Element(xml, "title", title);
            Element(xml, "id", origin + path);
            Element(xml, "updated", entries.Select(static one => one.Updated).Max(StringComparer.Ordinal) ?? Unknown);
            xml.WriteStartElement("author", Namespace);
            Element(xml, "name", context.Site.Title);
            xml.WriteEndElement();
            Link(xml, "self", origin + path, "application/atom+xml");
            Link(xml, "alternate", origin + page, "text/html");
            foreach (var entry in entries)
                Write(xml, origin, entry);
            xml.WriteEndElement();
        }
        return Answer.Document(buffer.ToArray(), "application/atom+xml; charset=utf-8").WithTag(maxAge: 60);
    }

    /// <summary>RFC 3339 with Z, as all readers take it.</summary>
    public static string Time(Timestamp time) =>
        Wording.Calendar(time).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static void Write(XmlWriter xml, string origin, AtomEntry entry)
    {
        xml.WriteStartElement("entry", Namespace);
        Element(xml, "title", entry.Title);
        Element(xml, "id", entry.Id.StartsWith('/') ? origin + entry.Id : entry.Id);
        Element(xml, "updated", entry.Updated);
        Link(xml, "alternate", origin + entry.Page, "text/html");
        Element(xml, "summary", entry.Summary);
        xml.WriteEndElement();
    }

    private static void Link(XmlWriter xml, string relation, string address, string type)
    {
        xml.WriteStartElement("link", Namespace);
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("href", address);
        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, string text) =>
        xml.WriteElementString(name, Namespace, string.Concat(text.Where(XmlConvert.IsXmlChar)));
}

/// <param name="Id">For good: a URN, or an address of this site, path-absolute.</param>
/// <param name="Updated">RFC 3339, in UTC with Z.</param>
/// <param name="Page">Path-absolute.</param>
internal sealed record AtomEntry(string Id, string Title, string Updated, string Page, string Summary);
