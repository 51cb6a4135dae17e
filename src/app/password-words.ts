// The words that passwords for a room are made of: short, easy to say, to hear and to type, and
// none that sounds as another. lan-login.ts takes three of them.

/** 256 of them: each is worth 8 bits. */
export const PASSWORD_WORDS: readonly string[] = `
acorn alarm album amber angel ankle apple apron arrow atlas attic bacon badge bagel baker bamboo
banana banjo barn basil beach beard bench berry bike blade blanket board boat bonus book boot
bottle bowl bread brick bridge broom brush bubble bucket bunny bus butter button cabin cactus
cake camel camera candle canoe carpet carrot castle cat cave chalk cheese cherry chess circus
clay clock cloud clover cobra coconut coffee coin comet copper coral cotton cousin crab crane
crayon cricket crown cup curtain daisy dance desk diamond dinner doctor dolphin donkey door
dragon dress drum duck eagle earth easel echo elbow elephant engine fabric falcon farm feather
fence fern fiddle finger fish flag flame flute forest fork fountain fox frog fruit galaxy garden
garlic giant ginger giraffe glass globe glove goat gold grape guitar hammer harbor hat helmet
hill honey hotel house igloo island ivory jacket jaguar jelly jewel jungle kettle kitchen kite
kiwi ladder lake lamp laser lemon lentil leopard letter lily lion lizard lobster lunch magnet
mango maple marble market meadow melon metal milk mirror monkey moon motor mountain museum
mushroom napkin nest north ocean olive onion orange orchid otter owl oyster paddle paint palace
panda paper peanut pencil pepper piano picnic pillow pilot pirate planet plum pocket pony potato
puppet puzzle rabbit radio rain ribbon river robot rocket saddle salad salmon sandal school
shadow silver skate snail soccer spider spoon spring statue sugar summer sunset swan table tiger
tomato trumpet tulip tunnel turtle velvet violin volcano wagon wallet walnut whale window winter
yogurt zebra
`
  .trim()
  .split(/\s+/);
