namespace SoftSwitch.Live;

/// <summary>What became of a change.</summary>
internal enum ChangeKind
{
    /// <summary>The difference, if there is one, runs.</summary>
    Applied,

    /// <summary>It was only asked what would change; nothing has.</summary>
    Asked,

    /// <summary>What was said has mistakes; nothing has changed.</summary>
    Mistakes,

    /// <summary>It is right, but what runs, or the machine, can't become that; nothing has changed.</summary>
    Refused,

    /// <summary>There is none of that name; nothing has changed.</summary>
    Missing,

    /// <summary>What runs isn't any more what the client has seen; nothing has changed.</summary>
    Stale,
}
