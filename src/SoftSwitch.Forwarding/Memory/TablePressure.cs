namespace SoftSwitch.Forwarding.Memory;

/// <summary>
/// What the garbage collector is told of the tables that aren't in its heap: so it collects a replaced translator although the heap hardly
/// grows. To be told can make it collect at once, which takes milliseconds: nothing is told while somebody has no time for that.
/// </summary>
public static class TablePressure
{
    private static readonly Lock s_changing = new();
    private static long s_bytes, s_told;
    private static int s_holders;

    /// <summary>From now on nothing is told, until <see cref="TellAgain"/>.</summary>
    public static void Hold()
    {
        lock (s_changing)
            s_holders++;
    }

    /// <summary>Ends a <see cref="Hold"/>.</summary>
    public static void TellAgain()
    {
        lock (s_changing)
        {
            s_holders--;
            Tell();
        }
    }

    /// <param name="bytes">That came, or went where it is negative.</param>
    internal static void Add(long bytes)
    {
        lock (s_changing)
        {
            s_bytes += bytes;
            Tell();
        }
    }

    private static void Tell()
    {
        var news = s_bytes - s_told;
        if (s_holders > 0 || news == 0)
            return;
        s_told = s_bytes;
        if (news > 0)
            GC.AddMemoryPressure(news);
        else
            GC.RemoveMemoryPressure(-news);
    }
}
