using System.Text;
using System.Xml;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Find;

/// <summary>The advisories as an Atom feed (RFC 4287).</summary>
internal static class AdvisoryFeed
{
    private const string Namespace = "http://www.w3.org/2005/Atom";
    private const string Unknown = "1970-01-01T00:00:00Z";

    public static Answer Make(PageContext page, AdvisoryList list)
    {
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false }))
        {
            xml.WriteStartElement("feed", Namespace);
            Element(xml, "title", $"Advisories · {page.Site.Title}");
            Element(xml, "id", $"{page.Site.Address}/advisories");
            Element(xml, "updated", list.Advisories.Select(static one => one.Modified).Max(StringComparer.Ordinal) ?? Unknown);
            foreach (var advisory in list.Advisories)
            {
                xml.WriteStartElement("entry", Namespace);
                Element(xml, "title", $"{advisory.Id}: {advisory.Title}");
                Element(xml, "id", $"{page.Site.Address}{Href.Advisory(advisory.Id)}");
                Element(xml, "updated", advisory.Modified ?? advisory.Published ?? Unknown);
                xml.WriteStartElement("link", Namespace);
                xml.WriteAttributeString("href", $"{page.Site.Address}{Href.Advisory(advisory.Id)}");
                xml.WriteEndElement();
                Element(
                    xml,
                    "summary",
                    $"{advisory.Score ?? advisory.Severity} {string.Join(", ", advisory.Packages.Select(static one => one.Name))}".Trim()
                );
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        return Answer.Document(buffer.ToArray(), "application/atom+xml; charset=utf-8");
    }

    private static void Element(XmlWriter xml, string name, string text)
    {
        xml.WriteElementString(name, Namespace, string.Concat(text.Where(XmlConvert.IsXmlChar)));
    }
}
