namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Decides who gets a place for one more connection or conversation, of the places that all forwards have together. The last eighth of them
/// is for forwards that have few, so that other forwards can't keep their clients out.
/// </summary>
internal static class RelayPlaces
{
    /// <summary>A forward with fewer than this has few.</summary>
    internal const int Little = 64;

    /// <param name="all">Places that are taken.</param>
    /// <param name="max">Places that there are.</param>
    /// <param name="own">Those that the forward has of them.</param>
    internal static bool HasRoom(int all, int max, int own) => all < (own < Little ? max : max - max / 8);
}
