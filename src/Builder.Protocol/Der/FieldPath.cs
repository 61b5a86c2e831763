using System.Globalization;
using System.Text;

namespace Builder.Protocol.Der;

/// <summary>The elements that a reader is in, outermost first, so that an error can name the field, such as <c>jobFinished.data[3].path</c>.</summary>
internal sealed class FieldPath
{
    /// <summary>Deeper than anything in the protocol.</summary>
    private const int DeepestNesting = 24;

    private readonly Level[] levels = new Level[DeepestNesting];

    public int Depth { get; private set; }

    /// <param name="outerEnd">Where the element around ends; <see cref="Leave"/> gives it back.</param>
    public void Enter(string name, long outerEnd) => levels[Depth++] = new Level(name, outerEnd, 0);

    public long Leave() => levels[--Depth].OuterEnd;

    public void NextItem() => levels[Depth - 1].Items++;

    /// <summary>The way to the field <paramref name="name"/> of the innermost element.</summary>
    public string To(string name)
    {
        var path = new StringBuilder();
        for (var i = 0; i < Depth; i++)
        {
            Append(path, levels[i].Name);
            if (levels[i].Items > 0)
                path.Append(CultureInfo.InvariantCulture, $"[{levels[i].Items - 1}]");
        }
        Append(path, name);
        return path.ToString();
    }

    private static void Append(StringBuilder path, string name)
    {
        if (name.Length > 0)
            path.Append(path.Length > 0 ? "." : "").Append(name);
    }

    /// <param name="Items">Items begun, where the element is a SEQUENCE OF.</param>
    private record struct Level(string Name, long OuterEnd, long Items);
}
