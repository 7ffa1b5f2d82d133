namespace SoftSwitch.SystemTests.Peers;

/// <summary>What takes seconds and a processor each, such as judging two records, is done side by side.</summary>
internal static class AtOnce
{
    public static (TOne One, TOther Other) Do<TOne, TOther>(Func<TOne> one, Func<TOther> other)
    {
        var first = Task.Run(one);
        var second = other();
        return (first.GetAwaiter().GetResult(), second);
    }
}
