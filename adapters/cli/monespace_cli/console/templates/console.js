// Shows what is typed of a person, and hides it again before the form leaves; pages do without.
import { watchSecrets } from "./secret.js";

watchSecrets();
