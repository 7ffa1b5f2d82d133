namespace SoftSwitch.Forwarding.Budgets;

/// <summary>
/// Decides who gets one more of the places that many have together, where nobody who has one can be made to give it up. The last of them
/// are for those who have few, an equal part for each who may come: so whoever comes late finds a place, however much others take.
/// </summary>
public static class SharedPlaces
{
    /// <summary>The most of a part: who has as many has no little.</summary>
    private const int Little = 64;

    /// <param name="taken">Places that are taken.</param>
    /// <param name="most">Places that there are.</param>
    /// <param name="own">Those that the holder has of them.</param>
    /// <param name="holders">Who may come, and not only who has come: the first few would leave nothing.</param>
    public static bool HasRoom(int taken, int most, int own, int holders)
    {
        var few = FewOf(most, holders);
        var kept = holders > 1 ? (int)long.Min((long)few * holders, most / 2) : 0;
        return taken < most - kept || (taken < most && own < few);
    }

    /// <summary>
    /// The same of places that all come back soon, and at once: who has as many as are left gets no more. So those who take all that they
    /// can get have equal parts, and one who comes late finds as large a part.
    /// </summary>
    /// <inheritdoc cref="HasRoom"/>
    public static bool HasPart(int taken, int most, int own) => own < most - taken;

    /// <summary>What is kept for each: of an eighth of all, or one.</summary>
    /// <inheritdoc cref="HasRoom"/>
    public static int FewOf(int most, int holders) => int.Clamp(most / 8 / int.Max(holders, 1), 1, Little);
}
