using Builder.Analysis.Comparison;

namespace Builder.Analysis.Difference.Elf;

/// <summary>
/// Matches functions by name, then by name without counted numbers, then by size and code, then by order between neighbours that match.
/// </summary>
internal sealed class FunctionMatcher
{
    /// <summary>Shorter functions are equal by chance.</summary>
    private const int MinTelling = 16;

    private readonly ElfFunction[] left;
    private readonly ElfFunction[] right;
    private readonly CodeHash leftHashes;
    private readonly CodeHash rightHashes;
    private readonly string?[] leftStable;
    private readonly string?[] rightStable;
    private readonly FunctionMatch match;

    private FunctionMatcher(ElfFunction[] left, ElfFunction[] right, CodeHash leftHashes, CodeHash rightHashes)
    {
        (this.left, this.right, this.leftHashes, this.rightHashes) = (left, right, leftHashes, rightHashes);
        leftStable = Array.ConvertAll(left, function => function.Name is null ? null : StableName.Of(function.Name));
        rightStable = Array.ConvertAll(right, function => function.Name is null ? null : StableName.Of(function.Name));
        match = new FunctionMatch(left.Length, right.Length);
    }

    public static FunctionMatch Match(
        ElfFunction[] left,
        ElfFunction[] right,
        CodeHash leftHashes,
        CodeHash rightHashes,
        CancellationToken cancellationToken
    )
    {
        var matcher = new FunctionMatcher(left, right, leftHashes, rightHashes);
        matcher.ByName();
        cancellationToken.ThrowIfCancellationRequested();
        matcher.ByKey(
            (function, _) => function.Name is null || function.Module.Length == 0 ? null : $"{function.Module}\0{function.Name}",
            isStampTrusted: false
        );
        matcher.ByKey((function, _) => function.Name, isStampTrusted: false);
        matcher.ByKey((function, stable) => stable is null ? null : $"{function.Module}\0{stable}", isStampTrusted: true);
        matcher.ByKey((_, stable) => stable, isStampTrusted: true);
        cancellationToken.ThrowIfCancellationRequested();
        matcher.ByCode();
        matcher.BySequence();
        matcher.ByNeighbours();
        return matcher.match;
    }

    private bool HasStamp(bool isLeft, int index) =>
        isLeft ? !ReferenceEquals(leftStable[index], left[index].Name) : !ReferenceEquals(rightStable[index], right[index].Name);

    private bool AreEqual(int leftIndex, int rightIndex) =>
        left[leftIndex].Size == right[rightIndex].Size && leftHashes[leftIndex] == rightHashes[rightIndex];

    // Names that stand once on each side. One with a counted number may mean another function after an edit.
    private void ByName()
    {
        var byName = new Dictionary<string, int>(right.Length, StringComparer.Ordinal);
        foreach (var function in right)
        {
            if (function.Name is not null && !byName.TryAdd(function.Name, function.Index))
                byName[function.Name] = -1;
        }
        var seen = new Dictionary<string, int>(left.Length, StringComparer.Ordinal);
        foreach (var function in left)
        {
            if (function.Name is not null && !seen.TryAdd(function.Name, function.Index))
                seen[function.Name] = -1;
        }
        foreach (var function in left)
        {
            if (
                function.Name is { } name
                && seen[name] >= 0
                && byName.TryGetValue(name, out var other)
                && other >= 0
                && (!HasStamp(true, function.Index) || AreEqual(function.Index, other))
            )
                match.Add(function.Index, other);
        }
    }

    private void ByKey(Func<ElfFunction, string?, string?> keyOf, bool isStampTrusted)
    {
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var function in right)
        {
            if (match.LeftOf[function.Index] < 0 && keyOf(function, rightStable[function.Index]) is { } key)
                Group(groups, key).Add(function.Index);
        }
        var leftGroups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var function in left)
        {
            if (match.RightOf[function.Index] < 0 && keyOf(function, leftStable[function.Index]) is { } key && groups.ContainsKey(key))
                Group(leftGroups, key).Add(function.Index);
        }
        foreach (var (key, members) in leftGroups)
            MatchGroups(members, groups[key], isStampTrusted);
    }

    private static List<int> Group(Dictionary<string, List<int>> groups, string key)
    {
        if (!groups.TryGetValue(key, out var group))
            groups.Add(key, group = []);
        return group;
    }

    private void MatchGroups(List<int> lefts, List<int> rights, bool isStampTrusted)
    {
        if (lefts.Count > 1 || rights.Count > 1 || !isStampTrusted)
        {
            var waiting = new Dictionary<(int, ulong), Queue<int>>();
            foreach (var index in rights)
            {
                var key = (right[index].Size, rightHashes[index]);
                if (!waiting.TryGetValue(key, out var queue))
                    waiting.Add(key, queue = new Queue<int>());
                queue.Enqueue(index);
            }
            foreach (var index in lefts)
            {
                if (waiting.TryGetValue((left[index].Size, leftHashes[index]), out var queue) && queue.TryDequeue(out var other))
                    match.Add(index, other);
            }
        }
        // What is left in order, where as many are left on each side; else the numbers say too little.
        var restLeft = lefts.Where(index => match.RightOf[index] < 0 && (isStampTrusted || !HasStamp(true, index))).ToList();
        var restRight = rights.Where(index => match.LeftOf[index] < 0 && (isStampTrusted || !HasStamp(false, index))).ToList();
        Pair(restLeft, restRight);
    }

    /// <summary>Pairs in order; where the counts differ, each of the fewer with the one of the nearest size that keeps the order.</summary>
    private void Pair(List<int> lefts, List<int> rights)
    {
        var (few, many, isSwapped) = lefts.Count <= rights.Count ? (lefts, rights, false) : (rights, lefts, true);
        var next = 0;
        for (var i = 0; i < few.Count; i++)
        {
            var last = Math.Min(many.Count - (few.Count - i), next + 32);
            var best = next;
            for (var j = next; j <= last; j++)
            {
                if (Distance(few[i], many[j], isSwapped) < Distance(few[i], many[best], isSwapped))
                    best = j;
            }
            next = best + 1;
            if (isSwapped)
                match.Add(many[best], few[i]);
            else
                match.Add(few[i], many[best]);
        }
    }

    private int Distance(int few, int many, bool isSwapped) =>
        isSwapped ? Math.Abs(right[few].Size - left[many].Size) : Math.Abs(left[few].Size - right[many].Size);

    // Code that stands once on each side.
    private void ByCode()
    {
        var rights = Unique(right, match.LeftOf, rightHashes);
        foreach (var (key, index) in Unique(left, match.RightOf, leftHashes))
        {
            if (index >= 0 && rights.TryGetValue(key, out var other) && other >= 0)
                match.Add(index, other);
        }
    }

    private static Dictionary<(int, ulong), int> Unique(ElfFunction[] functions, int[] matched, CodeHash hashes)
    {
        var unique = new Dictionary<(int, ulong), int>();
        foreach (var function in functions)
        {
            if (
                matched[function.Index] < 0
                && function.Size >= MinTelling
                && !unique.TryAdd((function.Size, hashes[function.Index]), function.Index)
            )
                unique[(function.Size, hashes[function.Index])] = -1;
        }
        return unique;
    }

    // The same code in the same order, for functions without a name.
    private void BySequence()
    {
        var lefts = left.Where(function => match.RightOf[function.Index] < 0).Select(function => function.Index).ToArray();
        var rights = right.Where(function => match.LeftOf[function.Index] < 0).Select(function => function.Index).ToArray();
        if (lefts.Length == 0 || rights.Length == 0)
            return;
        var numbers = new Dictionary<(int, ulong), int>();
        var leftNumbers = Array.ConvertAll(lefts, index => Number((left[index].Size, leftHashes[index])));
        var rightNumbers = Array.ConvertAll(rights, index => Number((right[index].Size, rightHashes[index])));
        var removed = new bool[lefts.Length];
        var added = new bool[rights.Length];
        LineMatcher.Match(leftNumbers, rightNumbers, line => removed[line] = true, line => added[line] = true);
        for (int i = 0, j = 0; i < lefts.Length && j < rights.Length; )
        {
            if (removed[i])
                i++;
            else if (added[j])
                j++;
            else
                TryAdd(lefts[i++], rights[j++]);
        }

        int Number((int, ulong) key)
        {
            if (!numbers.TryGetValue(key, out var number))
                numbers.Add(key, number = numbers.Count);
            return number;
        }
    }

    private void ByNeighbours()
    {
        var (before, run) = (-1, new List<int>());
        for (var i = 0; i <= left.Length; i++)
        {
            if (i < left.Length && match.RightOf[i] < 0)
            {
                run.Add(i);
                continue;
            }
            var after = i < left.Length ? match.RightOf[i] : right.Length;
            if (run.Count > 0 && after > before)
            {
                var between = Enumerable.Range(before + 1, after - before - 1).Where(index => match.LeftOf[index] < 0).ToList();
                PairNameless(run, between);
            }
            run.Clear();
            before = i < left.Length ? match.RightOf[i] : right.Length;
        }
    }

    private void PairNameless(List<int> lefts, List<int> rights)
    {
        var isNameless = lefts.TrueForAll(index => left[index].Name is null) || rights.TrueForAll(index => right[index].Name is null);
        Pair(
            isNameless ? lefts : [.. lefts.Where(index => left[index].Name is null)],
            isNameless ? rights : [.. rights.Where(index => right[index].Name is null)]
        );
    }

    // Two functions with names of their own are not one only because their code is alike and short.
    private void TryAdd(int leftIndex, int rightIndex)
    {
        if (left[leftIndex].Name is null || right[rightIndex].Name is null)
            match.Add(leftIndex, rightIndex);
    }
}
