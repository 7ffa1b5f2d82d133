namespace SoftSwitch.Live.Saving;

/// <summary>What is to be written has no neat place in this text: somebody has to write it by hand.</summary>
internal sealed class CantPlaceException : Exception;
