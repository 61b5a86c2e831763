using System.Security.Cryptography.X509Certificates;

namespace Builder.Server.Options;

/// <summary>The server's certificate, and whose certificates it takes from workers.</summary>
/// <param name="ClientAuthority">Workers with a certificate of this authority are let in without a key; null for none.</param>
public sealed record TlsOptions(X509Certificate2 Certificate, X509Certificate2Collection? ClientAuthority);
