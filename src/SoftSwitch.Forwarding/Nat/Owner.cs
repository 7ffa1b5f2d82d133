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

    /// <summary>Where the conversations are that outsiders began, and those that inside hosts did.</summary>
    public const int ConversationsFromOutside = 2 * (int)FlowWorth.Conversation;
    public const int Conversations = ConversationsFromOutside + 1;

    /// <summary>Those of outsiders that had an answer.</summary>
    public const int ListsOfAnsweredFromOutside = 1 << 2 * (int)FlowWorth.Exchange | 1 << ConversationsFromOutside;
    public const int ListsOfClosed = 3 << 2 * (int)FlowWorth.Closed;
    public const int ListsOfAnswered = 3 << 2 * (int)FlowWorth.Answered;

    /// <summary>The key of a number that is nobody's.</summary>
    public const ulong Nobody = ulong.MaxValue;

    public ulong Key;
    public int Mappings;
    public int Flows;

    /// <summary>Of the flows, those that outsiders began.</summary>
    public int FlowsFromOutside;

    /// <summary>Of these, exchanges and conversations.</summary>
    public int AnsweredFromOutside;

    /// <summary>Of the flows, those on an outside port that isn't their inside end's own.</summary>
    public int Overlapped;

    /// <summary>By list, one more than the slot's number; 0: the list is empty.</summary>
    public fixed int Oldest[Lists];
    public fixed int Newest[Lists];

    /// <summary>Outside ports that it uses toward somebody.</summary>
    public readonly int Ports => Mappings + Overlapped;

    public readonly int Policy => (int)(Key >> 33);

    /// <summary>It has a flow that could be given up.</summary>
    public readonly bool HasLess
    {
        get
        {
            var any = 0;
            for (var list = 0; list < Lists; list++)
                any |= Oldest[list];
            return any != 0;
        }
    }

    /// <summary>The list where a flow belongs; <see cref="Lists"/> for none.</summary>
    public static int ListOf(in Flow flow) =>
        int.Min(2 * (int)flow.Worth + ((flow.State & FlowState.FromOutside) != 0 ? 0 : 1), Lists);
}
