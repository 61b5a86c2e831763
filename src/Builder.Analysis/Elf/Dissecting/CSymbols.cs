using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>
/// Groups the symbols of C code: by the prefix of a known library, by the source file that the symbol table gives for local
/// symbols, by what surrounds a symbol (a linker lays the code of one object side by side), else by the word before the first underscore.
/// </summary>
internal sealed class CSymbols(ElfSymbols symbols)
{
    private const string Others = "other";

    private readonly List<Item> _items = [];
    private readonly Dictionary<string, string> _fileNames = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _fileOfSymbol = [];
    private string? _file;

    public void EnterFile(ElfSymbol symbol)
    {
        var name = Encoding.UTF8.GetString(symbols.NameOf(symbol));
        name = name[(name.LastIndexOf('/') + 1)..];
        if (_fileNames.TryAdd(name, name))
            _file = name;
        else
            _file = _fileNames[name];
        if (name.Length == 0)
            _file = null;
    }

    public void RememberFile(int index, ElfSymbol symbol)
    {
        if (symbol.IsLocal && _file is not null)
            _fileOfSymbol[index] = _file;
    }

    /// <summary>In order of position.</summary>
    public void Add(int index, ElfSymbol symbol, long size, int section, string? library) =>
        _items.Add(new Item(symbol, size, section, library, _fileOfSymbol.GetValueOrDefault(index)));

    public void Distribute(Action<string, ElfSymbol, long> give)
    {
        var groups = new string?[_items.Count];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = _items[i].Library;
        // Static functions stand among those of their library.
        Surrounded(groups, item => item.File is not null);
        for (var i = 0; i < groups.Length; i++)
            groups[i] ??= _items[i].File;
        Surrounded(groups, item => item.File is null);

        var words = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < groups.Length; i++)
        {
            if (groups[i] is null)
                words[Word(_items[i].Symbol)] = words.GetValueOrDefault(Word(_items[i].Symbol)) + 1;
        }
        for (var i = 0; i < groups.Length; i++)
            give(groups[i] ?? Group(Word(_items[i].Symbol), words), _items[i].Symbol, _items[i].Size);
    }

    /// <summary>Gives a symbol without a group the one of both its neighbours that have one, if it is the same.</summary>
    private void Surrounded(string?[] groups, Func<Item, bool> isMeant)
    {
        string? before = null;
        var first = 0;
        for (var i = 0; i <= groups.Length; i++)
        {
            if (i < groups.Length && groups[i] is null && (i == 0 || _items[i].Section == _items[i - 1].Section))
                continue;
            var isSameSection = i < groups.Length && (i == 0 || _items[i].Section == _items[i - 1].Section);
            if (isSameSection && before is not null && groups[i] == before)
            {
                for (var j = first; j < i; j++)
                {
                    if (groups[j] is null && isMeant(_items[j]))
                        groups[j] = before;
                }
            }
            before = i < groups.Length ? groups[i] : null;
            first = i + 1;
        }
    }

    private static string Group(string word, Dictionary<string, int> words) =>
        word.Length > 1 && words[word] > 2 ? $"{word}_*" : Others;

    private string Word(ElfSymbol symbol)
    {
        const int LongestWord = 40;
        var name = symbols.NameOf(symbol).TrimStart((byte)'_');
        var end = name.IndexOfAny((byte)'_', (byte)'.');
        return end is > 0 and <= LongestWord ? Encoding.UTF8.GetString(name[..end]) : "";
    }

    private readonly record struct Item(ElfSymbol Symbol, long Size, int Section, string? Library, string? File);
}
