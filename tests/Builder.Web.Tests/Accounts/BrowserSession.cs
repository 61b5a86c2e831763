using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Builder.Storage.Accounts;
using Builder.Storage.Database;

namespace Builder.Web.Tests.Accounts;

/// <summary>What a browser does: keeps cookies, says where requests come from, sends forms with their hidden fields.</summary>
internal sealed class BrowserSession(Site site) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        BaseAddress = site.Web.Address,
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>What the last answer wanted kept.</summary>
    public IReadOnlyList<string> SetCookies { get; private set; } = [];

    /// <summary>Null says nothing.</summary>
    public string? Origin { get; set; } = site.Web.Address.GetLeftPart(UriPartial.Authority);

    public static async Task AddAsync(Site site, string name, AccountRole role, bool isRestricted = false)
    {
        await using var database = await BuilderDatabase.OpenAsync(site.Database, Stop);
        Assert.True(
            await new UserAdministration(database).AddAsync(name, "pw-" + name, isRestricted, new ScryptParameters(16, 1, 1), Stop, role)
        );
    }

    /// <summary>The filled site has an account "admin" of the reference.</summary>
    public static string NameOf(AccountRole role) => "the-" + AccountRoles.NameOf(role);

    /// <summary>Signed in with an account of that role, which is made.</summary>
    public static async Task<BrowserSession> OfAsync(Site site, AccountRole role, bool isRestricted = false)
    {
        var name = NameOf(role) + (isRestricted ? "-restricted" : "");
        await AddAsync(site, name, role, isRestricted);
        var browser = new BrowserSession(site);
        using var answer = await browser.SignInAsync(name, "pw-" + name);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return browser;
    }

    public async Task<HttpResponseMessage> GetAsync(string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return await SendAsync(request);
    }

    public async Task<IHtmlDocument> PageAsync(string address)
    {
        using var answer = await GetAsync(address);
        return new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Stop));
    }

    public async Task<HttpResponseMessage> PostAsync(string address, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        if (Origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", Origin);
        return await SendAsync(request);
    }

    /// <summary>Sends the form that the page has for this address, with some of its fields filled in.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var document = await PageAsync(page);
        var form = document
            .Forms.OfType<IHtmlFormElement>()
            .FirstOrDefault(form => new Uri(form.Action).AbsolutePath == action && form.Method == "post");
        Assert.True(form is not null, $"{page} has no form for {action}: {document.Body?.TextContent}");
        var given = form.QuerySelectorAll("input[name]")
            .OfType<IHtmlInputElement>()
            .Select(input => (Name: input.Name!, input.Value))
            .Concat(
                form.QuerySelectorAll("select[name]")
                    .OfType<IHtmlSelectElement>()
                    .Select(select => (Name: select.Name!, Value: select.Value ?? ""))
            )
            .Where(input => !fields.Any(field => field.Name == input.Name))
            .Concat(fields);
        return await PostAsync(action, [.. given]);
    }

    public Task<HttpResponseMessage> SignInAsync(string name, string password, string then = "/") =>
        SubmitAsync("/sign-in?return=" + Uri.EscapeDataString(then), "/sign-in", ("name", name), ("password", password));

    /// <summary>The token that stands in the forms of this session.</summary>
    public async Task<string> FormTokenAsync() =>
        ((IHtmlInputElement)(await PageAsync("/account")).QuerySelector("input[name=form-token]")!).Value;

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (Cookies.Count > 0)
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        var answer = await http.SendAsync(request, Stop);
        SetCookies = answer.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : [];
        foreach (var cookie in SetCookies)
        {
            var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var left, var right] ? (left, right) : (cookie, "");
            if (value.Length == 0)
                Cookies.Remove(name);
            else
                Cookies[name] = value;
        }
        return answer;
    }
}
