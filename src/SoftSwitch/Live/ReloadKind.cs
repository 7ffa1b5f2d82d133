namespace SoftSwitch.Live;

/// <summary>What became of a reload.</summary>
internal enum ReloadKind
{
    /// <summary>The difference, if there is one, runs.</summary>
    Applied,

    /// <summary>It was only asked what would change; nothing has.</summary>
    Asked,

    /// <summary>The file has mistakes; nothing has changed.</summary>
    Mistakes,

    /// <summary>The file is right, but what runs, or the machine, can't become that; nothing has changed.</summary>
    Refused,
}
