namespace SoftSwitch.Forwarding.Bridging;

/// <summary>That a port brings frames with the address of a station which is behind another port, and what has come of it.</summary>
internal struct Claim
{
    /// <summary>The station; 0: this is no claim.</summary>
    public ulong Mac;

    /// <summary>The member behind which the station is, or was before the claim was granted.</summary>
    public Membership? From;

    /// <summary>Of an address: which it is, and who would have it.</summary>
    public SaidAddress Said;
    public ulong Owner;

    /// <summary>The slot that the station would move to.</summary>
    public ushort To;

    /// <summary>It waits whether the station is heard at its place.</summary>
    public bool IsPending;

    /// <summary>The station can be asked; how often it was since the claim was made, and the last time.</summary>
    public bool IsAsked;
    public int Questions;
    public long AskedAt;

    /// <summary>The station has moved.</summary>
    public bool IsGranted;

    /// <summary>When it was made, and made again after it was refused, in milliseconds.</summary>
    public long Since;

    /// <summary>The stamp that the station has until it is heard at its place.</summary>
    public uint Mark;

    /// <summary>How often in a row it was refuted, and the last time.</summary>
    public int Strikes;
    public long Struck;

    /// <summary>It was told to people; the last time.</summary>
    public bool IsTold;
    public long Told;
}
