namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What one owner has, and his flows in lists by what they are worth, the oldest in front: of each worth, those that outsiders began in one, the
/// others in the next. Lasting flows are in none.
/// </summary>
internal unsafe struct Owner
{
    public const int Lists = 2 * (int)FlowWorth.Lasting;

    /// <summary>Sets of lists, a bit each.</summary>
    public const int AllLists = (1 << Lists) - 1;
    public const int ListsFromOutside = 0x5555 & AllLists;
    public const int ListsOfClosed = 3 << 2 * (int)FlowWorth.Closed;
    public const int ListsOfAnswered = 3 << 2 * (int)FlowWorth.Answered;

    public ulong Key;
    public int Mappings;
    public int Flows;

    /// <summary>Of the flows, those that outsiders began.</summary>
    public int FlowsFromOutside;

    /// <summary>Of the flows, those on an outside port that isn't their inside end's own.</summary>
    public int Overlapped;

    /// <summary>By list, one more than the slot's number; 0: the list is empty.</summary>
    public fixed int Oldest[Lists];
    public fixed int Newest[Lists];

    /// <summary>Outside ports that it uses toward somebody.</summary>
    public readonly int Ports => Mappings + Overlapped;

    /// <summary>The list where a flow belongs; <see cref="Lists"/> for none.</summary>
    public static int ListOf(in Flow flow) =>
        int.Min(2 * (int)flow.Worth + ((flow.State & FlowState.FromOutside) != 0 ? 0 : 1), Lists);
}
