namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Who gets a place for one more connection or conversation, where all forwards together have so many: the last eighth is for forwards that
/// have little, so that others can't keep a client of theirs out.
/// </summary>
internal static class RelayPlaces
{
    /// <summary>A forward that has fewer has little.</summary>
    internal const int Little = 64;

    /// <param name="all">Places that are taken.</param>
    /// <param name="max">Places that there are.</param>
    /// <param name="own">Those that the forward has of them.</param>
    internal static bool HasRoom(int all, int max, int own) => all < (own < Little ? max : max - max / 8);
}
