using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Builder.Architecture.Tests;

/// <summary>One project below <c>src</c>, read as text: what its folders declare, and which of them use which.</summary>
internal sealed partial class SourceProject
{
    /// <summary>The folder of files that lie loose in the project.</summary>
    public const string Root = "(root)";

    /// <summary>What the projects are compiled against: everything that this process could load.</summary>
    private static readonly IReadOnlyList<MetadataReference> Platform =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(':')
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly string directory;
    private readonly Lazy<IReadOnlyList<FolderReference>> folderReferences;

    private SourceProject(string directory)
    {
        this.directory = directory;
        folderReferences = new Lazy<IReadOnlyList<FolderReference>>(FindFolderReferences);
    }

    public string Name => Path.GetFileName(directory);

    /// <summary>All projects below <c>src</c>, by name.</summary>
    public static IReadOnlyList<SourceProject> All { get; } =
    [
        .. Directory
            .EnumerateDirectories(Path.Combine(Repository.Root, "src"))
            .Order(StringComparer.Ordinal)
            .Where(IsProject)
            .Select(path => new SourceProject(path)),
    ];

    /// <summary>Names of the projects that this one refers to.</summary>
    public IReadOnlyList<string> ProjectReferences =>
        [
            .. ProjectReference()
                .Matches(File.ReadAllText(Path.Combine(directory, Name + ".csproj")))
                .Select(match => match.Groups["name"].Value),
        ];

    /// <summary>
    /// Each use of a type of another folder of this project. Comments do not count. Names are resolved by the compiler; in pages,
    /// which it does not read here, by the namespaces in sight.
    /// </summary>
    public IReadOnlyList<FolderReference> FolderReferences => folderReferences.Value;

    private IReadOnlyList<FolderReference> FindFolderReferences()
    {
        var trees = Files("*.cs").Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), path: path)).ToList();
        var pages = Files("*.cshtml").Where(path => !Path.GetFileName(path).StartsWith("_ViewImports", StringComparison.Ordinal)).ToList();
        var compilation = CSharpCompilation.Create(
            Name,
            [.. trees, .. pages.Select(PageType), .. ImplicitUsings()],
            Platform,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true)
        );
        var found = new HashSet<FolderReference>();
        foreach (var tree in trees)
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                foreach (var target in Declared(model.GetSymbolInfo(name)))
                    Note(found, tree.FilePath, target.FilePath, name.Identifier.ValueText);
            }
        }
        var declared = Declarations(compilation);
        foreach (var page in pages)
        {
            foreach (var (name, target) in NamesIn(page, declared))
                Note(found, page, target, name);
        }
        return [.. found];
    }

    private void Note(HashSet<FolderReference> found, string from, string to, string name)
    {
        if (FolderOf(from) != FolderOf(to))
            found.Add(new FolderReference(FolderOf(from), FolderOf(to), Path.GetFileName(from), name));
    }

    private string FolderOf(string path) => Path.GetRelativePath(directory, path).Split('/') is [var folder, _, ..] ? folder : Root;

    private static IEnumerable<SyntaxTree> Declared(SymbolInfo info)
    {
        var symbols = info.Symbol is { } symbol ? [symbol] : info.CandidateSymbols;
        return symbols
            .Select(static found => found is INamedTypeSymbol or null ? found : found.ContainingType ?? found)
            .OfType<INamedTypeSymbol>()
            .SelectMany(static type => type.DeclaringSyntaxReferences)
            .Select(static reference => reference.SyntaxTree)
            .Where(static tree => tree.FilePath.Length > 0)
            // A type in several files, as one that a tool completes, is where its first file is.
            .Take(1);
    }

    /// <summary>Namespace and name of each type, with its file.</summary>
    private static Dictionary<(string Namespace, string Name), string> Declarations(CSharpCompilation compilation)
    {
        var declared = new Dictionary<(string, string), string>();
        foreach (var tree in compilation.SyntaxTrees.Where(static tree => tree.FilePath.Length > 0))
        {
            foreach (var type in tree.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>())
            {
                var space = type.FirstAncestorOrSelf<BaseNamespaceDeclarationSyntax>()?.Name.ToString() ?? "";
                declared.TryAdd((space, type.Identifier.ValueText), tree.FilePath);
            }
        }
        return declared;
    }

    private IEnumerable<(string Name, string Target)> NamesIn(string page, Dictionary<(string Namespace, string Name), string> declared)
    {
        var text = File.ReadAllText(page);
        var imports = Path.Combine(directory, "_ViewImports.cshtml");
        var inSight = Using()
            .Matches(File.Exists(imports) ? text + "\n" + File.ReadAllText(imports) : text)
            .Select(static match => match.Groups["namespace"].Value)
            .Append(NamespaceOf(page))
            .ToList();
        foreach (var name in Word().Matches(text).Select(static match => match.Value).Distinct())
        {
            foreach (var space in inSight)
            {
                if (declared.TryGetValue((space, name), out var target))
                    yield return (name, target);
            }
        }
    }

    /// <summary>A page becomes a class with the name of its file.</summary>
    private SyntaxTree PageType(string page) =>
        CSharpSyntaxTree.ParseText(
            $"namespace {NamespaceOf(page)}; public sealed class {Path.GetFileNameWithoutExtension(page)} {{ public static dynamic Create(object model) => model; }}",
            path: page
        );

    private string NamespaceOf(string page) =>
        Path.GetRelativePath(directory, page).Split('/') is [var folder, _, ..] ? $"{Name}.{folder}" : Name;

    private static IEnumerable<SyntaxTree> ImplicitUsings() =>
        [
            CSharpSyntaxTree.ParseText(
                """
                global using System; global using System.IO; global using System.Linq; global using System.Net.Http;
                global using System.Threading; global using System.Threading.Tasks; global using System.Collections.Generic;
                """
            ),
        ];

    private IEnumerable<string> Files(string pattern) =>
        Directory
            .EnumerateFiles(directory, pattern, SearchOption.AllDirectories)
            .Where(path => Path.GetRelativePath(directory, path).Split('/')[0] is not ("bin" or "obj"));

    private static bool IsProject(string path) => File.Exists(Path.Combine(path, Path.GetFileName(path) + ".csproj"));

    [GeneratedRegex("""ProjectReference Include="[^"]*[\\/](?<name>[^"\\/]+)\.csproj""", RegexOptions.CultureInvariant)]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^@using (?<namespace>[\w.]+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Using();

    [GeneratedRegex(@"(?<![\w.])[A-Z_]\w*", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
