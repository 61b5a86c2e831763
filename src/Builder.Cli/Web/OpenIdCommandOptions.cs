using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Secrets;
using Builder.Storage.Accounts;
using Builder.Web.Options;

namespace Builder.Cli.Web;

/// <summary>The provider of OpenID Connect that people sign in with.</summary>
internal sealed class OpenIdCommandOptions
{
    private readonly Option<Uri?> issuer = new("--oidc-issuer")
    {
        Description = "Let people sign in with this provider of OpenID Connect, such as https://id.example.org.",
        HelpName = "URL",
        CustomParser = Values.HttpUrl,
    };
    private readonly Option<string?> clientId = new("--oidc-client-id")
    {
        Description = "What the provider calls this site.",
        HelpName = "ID",
    };
    private readonly Option<FileInfo?> clientSecret = new("--oidc-client-secret-file")
    {
        Description = "File with the client's secret; without it a public client.",
        HelpName = "FILE",
    };
    private readonly Option<string> roleClaim = new("--oidc-role-claim")
    {
        Description = "The claim that roles follow from.",
        DefaultValueFactory = _ => "groups",
        HelpName = "CLAIM",
    };
    private readonly Option<KeyValuePair<string, AccountRole>[]> roles = new("--oidc-role")
    {
        Description = "Which value of the claim gives which role, such as operator=builders; may be repeated. Nobody else gets in.",
        HelpName = "ROLE=VALUE",
        CustomParser = result =>
        {
            var roles = new List<KeyValuePair<string, AccountRole>>();
            foreach (var token in result.Tokens)
            {
                if (token.Value.Split('=', 2) is [var name, { Length: > 0 } value] && AccountRoles.TryParse(name, out var role))
                    roles.Add(KeyValuePair.Create(value, role));
                else
                    result.AddError($"--oidc-role takes uploader, operator or admin, \"=\" and a value, not \"{token.Value}\"");
            }
            return [.. roles];
        },
    };
    private readonly Option<string> scope = new("--oidc-scope")
    {
        Description = "The scopes that are asked for.",
        DefaultValueFactory = _ => "openid profile",
        HelpName = "SCOPES",
    };
    private readonly Option<string?> title = new("--oidc-name")
    {
        Description = "What the button calls the provider; default its host.",
        HelpName = "TEXT",
    };

    public void AddTo(Command command)
    {
        command.Add(issuer);
        command.Add(clientId);
        command.Add(clientSecret);
        command.Add(roleClaim);
        command.Add(roles);
        command.Add(scope);
        command.Add(title);
    }

    /// <exception cref="CommandException">The secret cannot be read.</exception>
    /// <exception cref="UsageException">Something is missing.</exception>
    public OpenIdOptions? Read(ParseResult parsed)
    {
        if (parsed.GetValue(issuer) is not { } address)
            return null;
        var id = parsed.GetValue(clientId) ?? throw new UsageException("--oidc-issuer needs --oidc-client-id");
        return new OpenIdOptions(
            address,
            id,
            parsed.GetValue(clientSecret) is { } file
                ? SecretFile.ReadText("--oidc-client-secret-file", file.FullName, Warning.Show)
                : null,
            parsed.GetRequiredValue(roleClaim),
            parsed.GetValue(roles) ?? []
        )
        {
            Name = parsed.GetValue(title),
            Scope = parsed.GetRequiredValue(scope),
        };
    }
}
