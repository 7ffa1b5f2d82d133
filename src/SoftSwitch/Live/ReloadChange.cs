using SoftSwitch.Config;

namespace SoftSwitch.Live;

/// <summary>What runs is to become what its file says now, with what was said at run time.</summary>
/// <param name="Given">What is to be taken in place of the file, as the client has read it; null: the file.</param>
internal sealed record ReloadChange(ConfigPart? Given = null) : ChangeRequest;
