using System.Text;
using Builder.Analysis.Opam;
using Builder.Testing;

namespace Builder.Analysis.Tests;

/// <summary>Switch exports of the vectors, and written ones.</summary>
internal static class Switches
{
    public static SwitchExport Read(string name) => SwitchExport.Parse(Vectors.Read($"opam/switches/{name}.opam-switch"), name);

    public static SwitchExport Of(string text) => SwitchExport.Parse(Encoding.UTF8.GetBytes(text), "switch");
}
