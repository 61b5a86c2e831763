namespace Builder.Proof.Sbom;

/// <summary>A licence as an opam file says it.</summary>
/// <param name="Expression">Null where it is none that SPDX knows, such as "LGPL with OpenSSL linking exception".</param>
internal sealed record SbomLicense(string Written, LicenseExpression? Expression)
{
    public static SbomLicense Of(string written) =>
        new(written, LicenseExpression.TryParse(written, out var expression) ? expression : null);
}
