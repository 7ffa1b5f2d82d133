namespace SoftSwitch.Live.Layer;

/// <summary>What can be made, changed and removed at run time.</summary>
internal enum RunTimeNoun
{
    Network,
    Port,
    Forward,
}
