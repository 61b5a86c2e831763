using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.Web.Tests.Accounts;

/// <summary>A provider of OpenID Connect that a test makes say what it wants.</summary>
internal sealed class HostileProvider : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private HostileProvider(WebApplication app) => this.app = app;

    public string Issuer => app.Urls.Single();

    /// <summary>Changes the claims of the ID token before it is signed.</summary>
    public Action<JsonObject> Change { get; set; } = static _ => { };

    public string Algorithm { get; set; } = "ES256";

    public bool SignsWithAnotherKey { get; set; }

    /// <summary>Of the sign-in that is under way.</summary>
    public string Nonce { get; set; } = "";

    public DateTimeOffset Now { get; set; }

    public string Subject { get; set; } = "subject-1";

    public string Name { get; set; } = "anna";

    public JsonArray Groups { get; set; } = ["builders"];

    public string? UserInfoSubject { get; set; }

    /// <summary>The bodies that came to the token endpoint.</summary>
    public ConcurrentQueue<string> TokenRequests { get; } = [];

    public static async Task<HostileProvider> StartAsync(DateTimeOffset now)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var provider = new HostileProvider(builder.Build()) { Now = now };
        provider.app.Run(provider.AnswerAsync);
        await provider.app.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
        other.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        JsonObject answer;
        switch (http.Request.Path.Value)
        {
            case "/.well-known/openid-configuration":
                answer = new JsonObject
                {
                    ["issuer"] = Issuer,
                    ["authorization_endpoint"] = Issuer + "/auth",
                    ["token_endpoint"] = Issuer + "/token",
                    ["jwks_uri"] = Issuer + "/jwks",
                    ["userinfo_endpoint"] = Issuer + "/me",
                };
                break;
            case "/jwks":
                var point = key.ExportParameters(false).Q;
                answer = new JsonObject
                {
                    ["keys"] = new JsonArray(
                        new JsonObject
                        {
                            ["kty"] = "EC",
                            ["crv"] = "P-256",
                            ["use"] = "sig",
                            ["x"] = Base64Url.EncodeToString(point.X),
                            ["y"] = Base64Url.EncodeToString(point.Y),
                        }
                    ),
                };
                break;
            case "/token":
                using (var body = new StreamReader(http.Request.Body))
                    TokenRequests.Enqueue(await body.ReadToEndAsync(http.RequestAborted));
                answer = new JsonObject
                {
                    ["access_token"] = "access",
                    ["token_type"] = "Bearer",
                    ["id_token"] = Token(),
                };
                break;
            case "/me":
                answer = new JsonObject
                {
                    ["sub"] = UserInfoSubject ?? Subject,
                    ["preferred_username"] = Name,
                    ["groups"] = Groups.DeepClone(),
                };
                break;
            default:
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.ToJsonString(), http.RequestAborted);
    }

    private string Token()
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = Subject,
            ["aud"] = "site",
            ["nonce"] = Nonce,
            ["iat"] = Now.ToUnixTimeSeconds(),
            ["exp"] = Now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        Change(claims);
        var signed = $"{Encode(new JsonObject { ["alg"] = Algorithm })}.{Encode(claims)}";
        var signature =
            Algorithm == "none"
                ? []
                : (SignsWithAnotherKey ? other : key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
