namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What one owner has, and his flows in lists by what they are worth, the oldest in front: of each worth, those that outsiders began in
/// one, the others in the next. Lasting flows are in none.
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
    public const int ListsOfTcp = ListsOfClosed | 3 << 2 * (int)FlowWorth.HalfOpen;

    /// <summary>Remote ends that are remembered: more than a guest with the usual limits can fill.</summary>
    public const int Ends = 8;

    /// <summary>Long searches in vain in a second; after that a few ports are all that is looked at.</summary>
    private const int Searches = 16;

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

    /// <summary>Of the flow log.</summary>
    public NaptLogShare Logged;

    /// <summary>By list, one more than the slot's number; 0: the list is empty.</summary>
    public fixed int Oldest[Lists];
    public fixed int Newest[Lists];

    /// <summary>For one second, remote ends by their hash, and how many more flows may begin toward each without a search; 0: none
    /// can.</summary>
    private fixed uint _ends[Ends];
    private fixed int _credits[Ends];
    private uint _second;
    private int _searches;

    /// <summary>He has nothing but the flow that is about to begin.</summary>
    public readonly bool HasNothingElse => Flows <= 1 && Mappings == 0;

    /// <summary>In this second he has made us search for long too often.</summary>
    public readonly bool IsTired => _searches >= Searches;

    /// <summary>Outside ports that it uses toward somebody.</summary>
    public readonly int Ports => Mappings + Overlapped;

    public readonly int Policy => new NaptOwner(Key).Policy;

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

    /// <summary>What was found out in this second about the ports toward a remote end, and is still true enough.</summary>
    /// <param name="end">The remote end's hash, not 0.</param>
    public PortsLeft Recall(uint end, uint now)
    {
        if (_second != now)
        {
            _second = now;
            _searches = 0;
            fixed (uint* ends = _ends)
                new Span<uint>(ends, Ends).Clear();
        }
        var place = end % Ends;
        if (_ends[place] != end)
            return PortsLeft.Unknown;
        if (_credits[place] == 0)
            return PortsLeft.None;
        if (--_credits[place] == 0)
            _ends[place] = 0;
        return PortsLeft.Plenty;
    }

    /// <summary>Remembers, in the second of the last <see cref="Recall"/>, that a search has found nothing.</summary>
    public void NoteSpent(uint end)
    {
        Tire();
        (_ends[end % Ends], _credits[end % Ends]) = (end, 0);
    }

    /// <summary>Makes us search for long.</summary>
    public void Tire() => _searches++;

    /// <summary>The same of one that has found plenty.</summary>
    /// <param name="flows">So many more may begin before that is to be looked at again.</param>
    public void NotePlenty(uint end, int flows)
    {
        if (flows > 0)
            (_ends[end % Ends], _credits[end % Ends]) = (end, flows);
    }
}
