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
    private readonly Dictionary<int, string> _crateOfSymbol = [];
    private string? _file;
    private string? _crate;

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
        _crate = RustUnit.CrateOf(name);
    }

    public void RememberFile(int index, ElfSymbol symbol)
    {
        if (!symbol.IsLocal)
            return;
        if (_crate is not null)
            _crateOfSymbol[index] = _crate;
        else if (_file is not null)
            _fileOfSymbol[index] = _file;
    }

    /// <summary>The Rust crate whose compilation unit a local symbol is of; null for symbols of C.</summary>
    public string? CrateOf(int index) => _crateOfSymbol.GetValueOrDefault(index);

    /// <summary>A symbol of Rust stands here: of this crate, or of none that can be told.</summary>
    public void Pass(int section, string? crate)
    {
        if (_items.Count > 0 && _items[^1] is { IsMark: true } last && last.Section == section && last.Library == crate)
            return;
        _items.Add(new Item(default, 0, section, crate, null, IsMark: true));
    }

    /// <summary>In order of position.</summary>
    public void Add(int index, ElfSymbol symbol, long size, int section, string? library) =>
        _items.Add(new Item(symbol, size, section, library, _fileOfSymbol.GetValueOrDefault(index), IsMark: false));

    /// <param name="give">Takes the library, or the crate and true, of each symbol.</param>
    public void Distribute(Action<string, bool, ElfSymbol, long> give)
    {
        TakeCrates(give);
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
            give(groups[i] ?? Group(Word(_items[i].Symbol), words), false, _items[i].Symbol, _items[i].Size);
    }

    /// <summary>
    /// A function that Rust exports under a plain name (<c>#[no_mangle]</c>) is global, so no file is given for it; it stands among the
    /// symbols of its crate. Gives those away, and takes the marks out.
    /// </summary>
    private void TakeCrates(Action<string, bool, ElfSymbol, long> give)
    {
        if (!_items.Exists(item => item.IsMark))
            return;
        var after = new int[_items.Count];
        var next = -1;
        for (var i = _items.Count - 1; i >= 0; i--)
        {
            if (IsOfKnownPlace(_items[i]))
                next = i;
            after[i] = next;
        }
        var kept = new List<Item>();
        var before = -1;
        for (var i = 0; i < _items.Count; i++)
        {
            var item = _items[i];
            if (IsOfKnownPlace(item))
                before = i;
            if (item.IsMark)
                continue;
            var crate =
                !IsOfKnownPlace(item)
                && before >= 0
                && after[i] >= 0
                && _items[before] is { IsMark: true, Library: not null } left
                && _items[after[i]] is { IsMark: true } right
                && left.Library == right.Library
                && left.Section == item.Section
                && right.Section == item.Section
                    ? left.Library
                    : null;
            if (crate is not null)
                give(crate, true, item.Symbol, item.Size);
            else
                kept.Add(item);
        }
        _items.Clear();
        _items.AddRange(kept);

        static bool IsOfKnownPlace(Item item) => item.IsMark || item.Library is not null || item.File is not null;
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

    private static string Group(string word, Dictionary<string, int> words) => word.Length > 1 && words[word] > 2 ? $"{word}_*" : Others;

    private string Word(ElfSymbol symbol)
    {
        const int MaxWordLength = 40;
        var name = symbols.NameOf(symbol).TrimStart((byte)'_');
        var end = name.IndexOfAny((byte)'_', (byte)'.');
        return end is > 0 and <= MaxWordLength ? Encoding.UTF8.GetString(name[..end]) : "";
    }

    /// <param name="IsMark">No symbol of C, but a place where Rust symbols of the crate <paramref name="Library"/> stand.</param>
    private readonly record struct Item(ElfSymbol Symbol, long Size, int Section, string? Library, string? File, bool IsMark);
}
