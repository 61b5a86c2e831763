using System.Collections.Immutable;
using Builder.Analysis.Difference;

namespace Builder.Web.Compare;

/// <summary>A node of a difference as a page shows it.</summary>
/// <param name="Id">The same for the same path whenever the comparison is made again; see <see cref="NodeIds"/>.</param>
/// <param name="Name">The path without that of the node above.</param>
/// <param name="Children">Those that are shown.</param>
/// <param name="Hidden">How many more children there are.</param>
/// <param name="IsOpen">Unfolded when the page comes.</param>
internal sealed record ShownNode(DifferenceNode Node, string Id, string Name, ImmutableArray<ShownNode> Children, int Hidden, bool IsOpen);
