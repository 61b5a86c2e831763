using System.CommandLine;
using System.Net;
using Builder.Publishing.Outgoing;

namespace Builder.Cli.Advisories;

/// <summary>Addresses that are not public, and that advisories may be fetched from nevertheless.</summary>
internal static class AllowPrivateOption
{
    public static Option<AllowedNetworks> Create(string name) =>
        new(name)
        {
            Description =
                "Fetch from this address or network too, though it is not public, also by http; may be repeated. Default: public addresses by https only.",
            HelpName = "ADDRESS",
            DefaultValueFactory = static _ => AllowedNetworks.Public,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                var networks = new List<IPNetwork>();
                foreach (var token in result.Tokens)
                {
                    if (AllowedNetworks.TryParse(token.Value, out var network))
                        networks.Add(network);
                    else
                        result.AddError($"{name} takes an address such as 10.0.0.7 or a network such as 10.0.0.0/8, not \"{token.Value}\"");
                }
                return new AllowedNetworks(networks);
            },
        };
}
