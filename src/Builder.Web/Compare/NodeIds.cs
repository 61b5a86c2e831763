using System.Security.Cryptography;
using System.Text;
using Builder.Analysis.Difference;

namespace Builder.Web.Compare;

/// <summary>Names for the nodes of a difference that stand in addresses: they depend on paths alone, so a link holds when the engine's answer changes.</summary>
internal sealed class NodeIds
{
    private const int Digits = 12;

    private readonly Dictionary<DifferenceNode, string> ids = [];
    private readonly Dictionary<string, DifferenceNode> nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<DifferenceNode, DifferenceNode> parents = [];
    private readonly Dictionary<(CauseKind, string), DifferenceNode> causes = [];

    public NodeIds(DifferenceNode root)
    {
        var waiting = new Queue<DifferenceNode>([root]);
        while (waiting.TryDequeue(out var node))
        {
            Add(node);
            foreach (var child in node.Children)
            {
                parents.TryAdd(child, node);
                waiting.Enqueue(child);
            }
        }
    }

    public string Of(DifferenceNode node) => ids[node];

    public DifferenceNode? Find(string id) => nodes.GetValueOrDefault(id);

    public DifferenceNode? ParentOf(DifferenceNode node) => parents.GetValueOrDefault(node);

    /// <summary>The first node that has this cause.</summary>
    public DifferenceNode? Find(Cause cause) => causes.GetValueOrDefault((cause.Kind, cause.Path));

    private void Add(DifferenceNode node)
    {
        // Archives may have several members of one name.
        var occurrence = 0;
        string id;
        do
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(occurrence == 0 ? node.Path : $"{node.Path}\0{occurrence}"));
            id = Convert.ToHexStringLower(hash)[..Digits];
            occurrence++;
        } while (!nodes.TryAdd(id, node));
        ids.Add(node, id);
        foreach (var cause in node.Causes)
            causes.TryAdd((cause.Kind, cause.Path), node);
    }
}
